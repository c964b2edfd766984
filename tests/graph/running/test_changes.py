"""What becomes of the other tasks when one has failed, waits, or is done."""

import threading

import pytest

from graph.api import Each, Items, Lazy, NodeError
from graph.document.workflow import Node, Workflow
from graph.running import events
from tests.support.house import add, out
from tests.support.toys import PATIENCE, workflow_from_text


@pytest.fixture
def run(house):
    def run(text, targets=None, inputs=None):
        house.told.clear()
        return house.engine.run(workflow_from_text(text, inputs=inputs or {}), targets, listener=house.told.append)

    return run


def skipped(house):
    """Skipped node -> the node because of which."""
    return {event.node: event.because for event in house.of(events.NodeSkipped)}


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("f:Fail -> a -> b -> k:Keep", {"a": "f", "b": "f", "k": "f"}),
        ("f:Fail -> a -> k:Keep, f -> b -> k", {"a": "f", "b": "f", "k": "f"}),
        ("f:Fail -> k:Keep, a -> l:Keep", {"k": "f"}),
    ],
    ids=["a chain", "a diamond", "another branch"],
)
def test_all_that_needs_a_failed_node_is_skipped_because_of_it_and_nothing_else(house, run, text, because):
    outcome = run(text)
    assert skipped(house) == because
    assert sorted({*outcome.ran, *because, "f"}) == sorted(workflow_from_text(text).nodes)


def test_an_equal_node_of_a_failed_one_is_told_as_skipped(house, run):
    same = {"f": {"name": ""}, "g": {"name": ""}}
    outcome = run("f:Fail, g:Fail", ["f", "g"], inputs=same)
    assert len(outcome.problems) == 1
    (skipped,) = house.of(events.NodeSkipped)
    assert {skipped.node, skipped.because} == {"f", "g"}
    assert outcome.reused == ()


def test_an_equal_node_below_a_failed_one_is_told_as_skipped(house, run):
    outcome = run("f:Fail -> a, f -> b", ["a", "b"], inputs={"a": {"name": ""}, "b": {"name": ""}})
    assert outcome.status == "failed"
    assert sorted(event.node for event in house.of(events.NodeSkipped)) == ["a", "b"]


@pytest.fixture
def asking(house):
    """A node with a lazy input, which requests it once `go_on` is set."""
    go_on = threading.Event()

    def ask(condition: bool, value: Lazy[int]) -> int:
        assert go_on.wait(PATIENCE)
        return value.get() if condition else 0

    house.add(ask, id="Ask")
    return go_on


@pytest.mark.parametrize(("condition", "ends"), [(True, "skipped"), (False, "finished")])
def test_a_node_that_requests_what_has_failed_before_is_skipped_with_what_needs_it(house, asking, condition, ends):
    told = house.told

    def listener(event):
        told.append(event)
        if isinstance(event, events.NodeFailed):
            asking.set()

    nodes = {
        "f": Node("Fail", {"name": "f"}),
        "q": Node("Ask", {"condition": condition, "value": out("f")}),
        "k": add("k", out("q")),
    }
    house.engine.run(Workflow(nodes), ["f", "k"], listener=listener)
    assert house.ends() == {"f": "failed", "q": ends, "k": ends}
    assert skipped(house) == ({"q": "f", "k": "f"} if condition else {})


def test_what_is_requested_late_is_run_with_all_that_it_needs(house, asking):
    asking.set()
    nodes = {"a": add("a"), "b": add("b", out("a")), "q": Node("Ask", {"condition": True, "value": out("b")})}
    assert house.run(nodes, ["q"]).status == "finished"
    assert house.calls() == ["a", "b"]


@pytest.mark.parametrize(
    ("keep_going", "ends", "total"),
    [
        (True, {"o": "finished", "t": "finished"}, {"INT": 4}),
        (False, {"o": "failed", "t": "skipped"}, None),
    ],
)
def test_a_failed_item_takes_its_stream_with_it_unless_that_goes_on(house, keep_going, ends, total):
    def count(stop: int) -> Each[int]:
        return Items(iter(range(stop)), stop, keep_going)

    def odd(value: int) -> int:
        if value % 2 == 0:
            raise NodeError(f"{value} is even")
        return value

    def total_of(values: list[int]) -> int:
        return sum(values)

    for name, function in (("Count", count), ("Odd", odd), ("Total", total_of)):
        house.add(function, id=name)
    nodes = {
        "c": Node("Count", {"stop": 4}),
        "o": Node("Odd", {"value": out("c")}),
        "t": Node("Total", {"values": out("o")}),
    }
    outcome = house.run(nodes, ["t"])
    assert {node: house.ends()[node] for node in "ot"} == ends
    assert outcome.values.get("t") == total


@pytest.mark.parametrize("source", ["Add", "Fail"])
def test_a_run_is_drained_once_what_is_not_io_is_done_or_skipped(house, source):
    drained = threading.Event()

    def write(name: str = "") -> int:
        assert drained.wait(PATIENCE)
        return 1

    def listener(event):
        house.told.append(event)
        if isinstance(event, events.RunDraining):
            drained.set()

    house.add(write, id="Write", lane="io")
    nodes = {"w": Node("Write"), "a": Node(source, {"name": "a"}), "b": add("b", out("a"))}
    house.engine.run(Workflow(nodes), ["w", "b"], listener=listener)
    assert house.ends()["w"] == "finished"
    assert len(house.of(events.RunDraining)) == 1
