"""What is left of a graph when some of its nodes are muted."""

from __future__ import annotations

import pytest

from graph.building.calls import Call, Edge
from graph.building.muting import block, leave_out, needed_by
from graph.node_types.node_type import REQUIRED, Input, NodeType
from graph.node_types.sockets import INT

NEEDS = Input("value", INT)
MAY = Input("value", INT, optional=True)
HAS = Input("value", INT, optional=True, default=7)


def graph_of(text: str, optional: dict[str, Input] | None = None) -> dict[str, Call]:
    """Calls from `a->b, a->c`; each reads what feeds it by one input `value`, or `value2` and so on."""
    calls: dict[str, Call] = {}
    items = optional or {}

    def call(name: str) -> Call:
        if name not in calls:
            item = items.get(name, NEEDS)
            inputs = tuple(Input(f"value{n}", item.type, optional=item.optional, default=item.default) for n in "012")
            calls[name] = Call(name, NodeType("T", "T", "test", "", inputs, (), function=lambda: None))
        return calls[name]

    for arrow in text.split(", "):
        source, _, reader = arrow.partition("->")
        call(source)
        edges = call(reader).edges
        edges[f"value{len(edges)}"] = Edge(source, 0)
    return calls


def blocked_in(calls: dict[str, Call], *muted: str) -> dict[str, str]:
    blocked = {name: name for name in muted}
    block(calls, calls, blocked)
    return blocked


def test_all_that_cannot_do_without_a_muted_node_is_blocked_and_knows_why() -> None:
    assert blocked_in(graph_of("a->b, b->c, a->d, x->y"), "b") == {"b": "b", "c": "b"}


def test_of_two_muted_nodes_the_first_that_is_met_is_to_blame() -> None:
    assert blocked_in(graph_of("a->c, b->c, c->d"), "a", "b")["d"] == "a"


@pytest.mark.parametrize(("item", "value"), [(MAY, None), (HAS, 7)])
def test_an_optional_input_that_a_blocked_node_fed_is_left_out_and_the_node_runs(item: Input, value: object) -> None:
    calls = graph_of("a->b, b->c, c->d", {"c": item})
    assert blocked_in(calls, "a") == {"a": "a", "b": "a"}
    assert calls["c"].edges == {}
    assert calls["c"].literals == {"value0": value}


def test_an_input_that_is_left_out_has_its_default() -> None:
    (call,) = [call for name, call in graph_of("a->b").items() if name == "b"]
    leave_out(call, HAS)
    assert call.literals == {"value": 7}
    leave_out(call, Input("value", INT, optional=True, default=REQUIRED))
    assert call.literals == {"value": None}


def test_only_what_targets_need_is_left_to_do() -> None:
    calls = graph_of("a->b, b->c, x->y, a->z")
    assert needed_by(["c"], calls) == {"a", "b", "c"}
    assert needed_by([], calls) == set()
