"""Which nodes of a loop's turns wait for those of the turns before."""

from __future__ import annotations

import pytest

from graph.building.calls import Call, Edge
from graph.node_types.body import Body
from graph.node_types.node_type import NodeType, Output
from graph.node_types.sockets import INT
from graph.planning.loop_order import NO_LOOP_ORDER, LoopOrder

PLACE = "l"


def kind(name: str, *, effect: bool, outputs: int = 0) -> NodeType:
    gives = tuple(Output(f"o{number}", INT) for number in range(outputs))
    return NodeType(name, name, "test", "", (), gives, function=lambda: None, side_effect=effect)


SAVE, SHOW, LOAD = kind("Save", effect=True), kind("Show", effect=True, outputs=1), kind("Load", effect=False)


def call(name: str, node_type: NodeType, reads: str = "") -> Call:
    return Call(f"{PLACE}/{name}", node_type, edges={"in0": Edge(f"{PLACE}/{reads}", 0)} if reads else {})


def before(order: LoopOrder, *names: str) -> list[str]:
    """The nodes before one, out of all that there could be."""
    tasks = {f"{PLACE}/turn{turn}/{name}": f"turn{turn}/{name}" for turn in range(9) for name in ("save", "other")}
    return [*order.before([f"{PLACE}/{name}" for name in names], tasks)]


def turns(node_type: NodeType, count: int = 3) -> LoopOrder:
    return LoopOrder([call(f"turn{turn}/save", node_type) for turn in range(count)], PLACE)


@pytest.mark.parametrize(
    ("node", "ahead"),
    [
        ("turn0/save", []),
        ("turn1/save", ["turn0/save"]),
        ("turn2/save", ["turn1/save", "turn0/save"]),
        ("turn7/save", []),
    ],
)
def test_the_turns_before_one_are_ahead_of_it_the_nearest_first(node: str, ahead: list[str]) -> None:
    assert before(turns(SAVE), node) == ahead


def test_who_took_all_that_are_ahead_has_settled_them() -> None:
    order = turns(SAVE)
    assert before(order, "turn1/save") == ["turn0/save"]
    assert before(order, "turn2/save") == ["turn1/save"]


def test_of_several_names_of_one_task_the_earliest_counts() -> None:
    assert before(turns(SAVE), "turn2/save", "turn1/save") == ["turn0/save"]


@pytest.mark.parametrize(
    ("calls", "node"),
    [
        ([call("turn0/save", LOAD), call("turn1/save", LOAD)], "turn1/save"),
        ([call("turn0/other", SAVE), call("turn1/save", SAVE)], "turn1/save"),
        ([call("turn0/save", SAVE), call("turn1/save", SHOW)], "turn1/save"),
        ([call("turn0", SAVE), call("turn1", SAVE)], "turn1"),
    ],
    ids=["no effect", "another name", "another type", "no turn"],
)
def test_what_is_no_sequence_is_not_waited_for(calls: list[Call], node: str) -> None:
    assert before(LoopOrder(calls, PLACE), node) == []


def test_a_body_with_effects_makes_its_node_part_of_a_sequence() -> None:
    body = Body("b", {}, {}, {}, effects=("1",))
    calls = [call(f"turn{turn}/save", LOAD) for turn in range(2)]
    for each in calls:
        each.literals["body"] = body
    assert before(LoopOrder(calls, PLACE), "turn1/save") == ["turn0/save"]


@pytest.mark.parametrize(("node_type", "ahead"), [(SAVE, ["turn0/save"]), (SHOW, [])])
def test_where_a_turn_reads_a_later_one_only_what_nobody_reads_waits(node_type: NodeType, ahead: list[str]) -> None:
    calls = [call("turn0/save", node_type, reads="turn1/other"), call("turn1/save", node_type)]
    calls.append(call("turn1/other", kind("Other", effect=False, outputs=1)))
    assert before(LoopOrder(calls, PLACE), "turn1/save") == ahead


def test_outside_of_loops_nothing_is_ahead() -> None:
    assert before(NO_LOOP_ORDER, "turn1/save") == []
