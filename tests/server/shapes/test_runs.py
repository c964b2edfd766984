"""Runs: what a request may ask for, and what is told of a run and its nodes."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest

from server.runs.run import Run
from server.shapes.encoding import encode
from server.shapes.runs import (
    LONGEST_MARK,
    MOST_TARGETS,
    Move,
    NodePhase,
    NodeState,
    RunDetail,
    RunInfo,
    RunStatus,
    Submission,
)  # fmt: skip

INFO: dict[str, Any] = json.loads(encode(Run("r", created=1.0).info(0)))


def test_a_submission_asks_for_all_nodes_under_no_key() -> None:
    read = msgspec.convert({"workflow": {"jacquard": 1}}, Submission)
    assert (read.workflow, read.targets, read.advance_seeds, read.client, read.key) == (
        {"jacquard": 1}, None, False, "", ""
    )  # fmt: skip


@pytest.mark.parametrize("document", [None, 3, "text", [], {"jacquard": 99}])
def test_whatever_is_sent_as_a_document_is_handed_on(document: Any) -> None:
    assert msgspec.convert({"workflow": document}, Submission).workflow == document


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"targets": ["x"] * (MOST_TARGETS + 1)}, f"length <= {MOST_TARGETS}"),
        ({"targets": [1]}, "`$.targets[0]`"),
        ({"targets": "1"}, "`$.targets`"),
        ({"advance_seeds": 1}, "Expected `bool`"),
        ({"client": "x" * (LONGEST_MARK + 1)}, f"length <= {LONGEST_MARK}"),
        ({"key": "x" * (LONGEST_MARK + 1)}, f"length <= {LONGEST_MARK}"),
        ({"priority": 1}, "unknown field `priority`"),
    ],
)
def test_a_submission_that_is_too_long_or_says_more_is_refused(more: dict[str, Any], words: str) -> None:
    at_most = {"targets": ["x"] * MOST_TARGETS, "client": "x" * LONGEST_MARK, "key": "x" * LONGEST_MARK}
    msgspec.convert({"workflow": {}, **at_most}, Submission)
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"workflow": {}, **more}, Submission)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "data", [{}, {"position": None}, {"position": "0"}, {"position": 0.5}, {"position": 0, "to": 1}]
)
def test_a_run_is_moved_to_a_whole_number(data: dict[str, Any]) -> None:
    assert msgspec.convert({"position": -1}, Move).position == -1
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(data, Move)


def test_of_a_run_everything_is_told_also_what_it_does_not_have_yet() -> None:
    assert INFO.keys() == set(RunInfo.__struct_fields__)
    assert (INFO["status"], INFO["position"], INFO["started"], INFO["targets"]) == ("queued", 0, None, None)


@pytest.mark.parametrize("field", RunInfo.__struct_fields__)
def test_a_run_of_which_something_is_missing_is_none(field: str) -> None:
    assert msgspec.convert(INFO, RunInfo).id == "r"
    with pytest.raises(msgspec.ValidationError, match=f"required field `{field}`"):
        msgspec.convert({name: value for name, value in INFO.items() if name != field}, RunInfo)


def test_a_failure_of_an_earlier_version_has_no_attempt_and_is_told_without() -> None:
    failure = {"cause": "exit", "message": "It exited.", "node": "1", "run": "r", "at": 1.0, "details": ""}
    told = json.loads(encode(msgspec.convert({**INFO, "failures": [failure, {**failure, "attempt": 2}]}, RunInfo)))
    assert told["failures"] == [failure, {**failure, "attempt": 2}]


@pytest.mark.parametrize(
    "told",
    [
        {"state": "waiting"},
        {"state": "running", "value": 1.0, "maximum": 4.0},
        {"state": "failed", "problem": {"code": "node_failed", "message": "no"}},
        {"state": "finished", "seconds": 0.5, "items": 3, "items_reused": 1, "items_failed": 1,
         "problems": [{"item": [2], "problem": {"code": "node_failed", "message": "no"}}]},
        {"state": "reused", "artifact_count": 0, "artifacts": [], "warnings": [{"message": "dark"}]},
        {"state": "cancelled", "more_warnings": 2},
    ],
)  # fmt: skip
def test_the_state_of_a_node_has_only_what_applies_to_it(told: dict[str, Any]) -> None:
    assert json.loads(encode(msgspec.convert(told, NodeState))) == told


def test_states_that_are_none_are_refused() -> None:
    assert "queued" not in get_args(NodePhase)
    assert "waiting" not in get_args(RunStatus)
    for shape, data in ((NodeState, {"state": "queued"}), (RunInfo, {**INFO, "status": "waiting"})):
        with pytest.raises(msgspec.ValidationError, match="Invalid enum value"):
            msgspec.convert(data, shape)


def test_the_document_of_a_run_is_told_where_it_was_requested() -> None:
    detail = {"run": INFO, "nodes": {"1": {"state": "waiting"}}}
    assert json.loads(encode(msgspec.convert(detail, RunDetail))) == detail
    assert json.loads(encode(msgspec.convert({**detail, "workflow": None}, RunDetail)))["workflow"] is None
