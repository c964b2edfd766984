"""What a run leaves behind, whatever its end: nothing. It is freed with its last user, and waits for no collector."""

import asyncio
import gc

import pytest

from graph.api import BLOCK, Each, Expand, Expansion, Items, Lazy, NodeContext, NodeError
from graph.document.workflow import Node, Workflow
from graph.node_types.context import CancelToken
from graph.planning.tasks import CallTask, Frame, Stream
from graph.running.driver import Driver
from graph.scheduling.scheduler import Schedule
from tests.support.house import add, out

PARTS_OF_A_RUN = (CallTask, Frame, Stream, Driver, Schedule)


@pytest.fixture
def busy(house):
    """Nodes whose calls go through every stage."""

    def count(stop: int, keep_going: bool = False) -> Each[int]:
        return Items(iter(range(stop)), stop, keep_going)

    def odd(value: int) -> int:
        if value % 2 == 0:
            raise NodeError(f"{value} is even")
        return value

    def total(values: list[int]) -> int:
        return sum(values)

    def either(condition: bool, then: Lazy[int], otherwise: Lazy[int]) -> int:
        return then.get() if condition else otherwise.get()

    def gate(value: int) -> int:
        return value or BLOCK

    async def sleepy(value: int) -> int:
        await asyncio.sleep(0)
        return value

    def twice(value: int) -> int | Expand:
        graph = Expansion()
        first = graph.add("Sleepy", value=value)
        return graph.returns(graph.add("Sleepy", value=first["INT"])["INT"])

    def number_it(context: NodeContext, value: int) -> int:
        context.in_turn(lambda: None)
        return value

    for name, function in (
        ("Count", count), ("Odd", odd), ("Total", total), ("Either", either), ("Gate", gate), ("Sleepy", sleepy),
        ("Twice", twice), ("Number", number_it),
    ):  # fmt: skip
        house.add(function, id=name)
    return house


NODES = {
    "c": Node("Count", {"stop": 20, "keep_going": True}),
    "o": Node("Odd", {"value": out("c")}),
    "n": Node("Number", {"value": out("o")}),
    "w": Node("Twice", {"value": out("n")}),
    "t": Node("Total", {"values": out("w")}),
    "x": Node("Twice", {"value": out("t")}),
    "e": Node("Either", {"condition": True, "then": out("x"), "otherwise": out("f")}),
    "f": Node("Fail", {"name": "f"}),
    "k": add("k", out("f")),
    "g": Node("Gate", {"value": 0}),
    "b": add("b", out("g")),
}


def left_behind():
    """The parts of runs that are still there, as nobody has collected garbage."""
    return [thing for thing in gc.get_objects() if type(thing) in PARTS_OF_A_RUN]


@pytest.fixture
def without_collector():
    gc.collect()
    was_there = len(left_behind())
    gc.disable()
    try:
        yield lambda: len(left_behind()) - was_there
    finally:
        gc.enable()


def test_a_run_is_freed_with_its_end_without_the_collector(busy, without_collector):
    outcome = busy.run(NODES, ["e", "b", "k", "t"])
    assert outcome.values["e"] == {"INT": 100}
    assert outcome.status == "failed"
    assert without_collector() == 0


def test_a_run_that_reuses_everything_is_freed_too(busy, without_collector):
    nodes = {"a": add("a"), "s": Node("Sleepy", {"value": out("a")}), "w": Node("Twice", {"value": out("s")})}
    busy.run(nodes, ["w"])
    assert busy.run(nodes, ["w"]).ran == ()
    assert without_collector() == 0


def test_a_run_that_is_cancelled_in_the_middle_is_freed_too(busy, without_collector):
    token = CancelToken()

    def cancel(value: int) -> int:
        if value == 7:
            token.cancel()
        return value

    busy.add(cancel, id="Cancel")
    nodes = {**NODES, "w": Node("Cancel", {"value": out("n")})}
    outcome = busy.run(nodes, ["e", "t"], token=token)
    assert outcome.status == "cancelled"
    assert without_collector() == 0


def test_a_run_that_is_cancelled_before_its_streams_begin_is_freed_too(busy, without_collector):
    token = CancelToken()
    outcome = busy.engine.run(Workflow(NODES), ["e", "t"], token=token, listener=lambda _: token.cancel())
    assert outcome.status == "cancelled"
    assert without_collector() == 0


def test_a_run_that_its_listener_ends_is_freed_too(busy, without_collector):
    def listener(event):
        if getattr(event, "node", "") == "t":
            raise ValueError("enough")

    try:
        busy.engine.run(Workflow(NODES), ["e"], listener=listener)
    except ValueError as error:
        assert str(error) == "enough"
    assert without_collector() == 0
