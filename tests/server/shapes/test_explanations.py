"""What a node did and why: only what applies to it is told, and an inner node has no inner nodes."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest

from server.shapes.encoding import encode
from server.shapes.explanations import InnerExplanation, NodeExplanation, NodeOutcome, RunExplanation
from server.shapes.runs import NodePhase

NODE: dict[str, Any] = {"node": "1", "type": "Blur", "did": "ran"}
WHY: dict[str, Any] = {
    "seconds": 0.5,
    "reason": {"code": "changed", "message": "an input", "inputs": [{"name": "r", "was": "1", "now": "2"}]},
    "problem": {"code": "node_failed", "message": "no"},
    "warnings": [{"message": "dark", "times": 2, "item": [1]}],
}
RUN: dict[str, Any] = {
    "run": "r", "status": "finished", "known": True, "seconds": None, "node_count": 1, "totals": {"ran": 1},
    "nodes": [NODE], "next": None,
}  # fmt: skip


@pytest.mark.parametrize("more", [{}, *({name: value} for name, value in WHY.items())])
def test_only_what_applies_to_a_node_is_told(more: dict[str, Any]) -> None:
    told = json.loads(encode(msgspec.convert({**NODE, **more}, InnerExplanation)))
    assert told.keys() == {**NODE, **more}.keys()


def test_of_a_changed_input_the_source_is_told_also_where_there_is_none() -> None:
    read = msgspec.convert({**NODE, **WHY}, NodeExplanation)
    (changed,) = json.loads(encode(read))["reason"]["inputs"]
    assert changed == {"name": "r", "was": "1", "now": "2", "source": ""}


def test_inner_nodes_are_told_of_a_node_and_not_of_one_of_them() -> None:
    inner = {**NODE, "node": "1/3", "inner": [NODE], "inner_count": 1}
    read = msgspec.convert({**NODE, "inner_count": 1, "inner": [inner]}, NodeExplanation)
    told = json.loads(encode(read))
    assert told == {**NODE, "inner_count": 1, "inner": [{**NODE, "node": "1/3"}]}


def test_a_node_that_finished_ran_and_all_else_is_told_as_its_state() -> None:
    assert set(get_args(NodePhase)) - {"finished"} == set(get_args(NodeOutcome)) - {"ran"}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [({"nodes": [{**NODE, "did": "finished"}]}, "$.nodes[0].did"), ({"totals": {"finished": 1}}, "$.totals"),
     ({"totals": {"ran": 0.5}}, "$.totals"), ({"status": "done"}, "$.status"), ({"known": 1}, "$.known"),
     ({"nodes": [{**NODE, "reason": {"code": "new"}}]}, "$.nodes[0].reason")],
)  # fmt: skip
def test_words_and_types_that_are_none_are_refused_where_they_are(wrong: dict[str, Any], path: str) -> None:
    msgspec.convert(RUN, RunExplanation)
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({**RUN, **wrong}, RunExplanation)
    assert path in str(caught.value)
