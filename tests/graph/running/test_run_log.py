"""The story of a run: numbered, one at a time, every node with one end, and streams told about as a whole."""

from collections import Counter
from typing import Any

import pytest

from graph.api import Artifact, Each, Expand, Expansion, Items, NodeContext, NodeError
from graph.document.workflow import Node, Workflow
from graph.running import events
from graph.running.publisher import Publisher
from graph.running.run_log import RunLog
from tests.support.house import add, out
from tests.support.remembering import Clock
from tests.support.remembering import House as RememberingHouse
from tests.support.toy_arrays import ToyArray

KINDS = [
    events.RunStarted, events.NodeStarted, events.NodeProgressed, events.NodeFinished, events.NodeReused,
    events.NodeFailed, events.NodeSkipped, events.ItemFinished, events.ItemFailed, events.RunFinished,
]  # fmt: skip


@pytest.fixture
def busy(house):
    """A workflow in which everything happens that can be told."""

    def count(stop: int, keep_going: bool = False) -> Each[int]:
        return Items(range(stop), stop, keep_going)

    def odd(value: int) -> int:
        if value % 2 == 0:
            raise NodeError(f"{value} is even")
        return value

    def total(values: list[int]) -> int:
        return sum(values)

    house.add(count, id="Count")
    house.add(odd, id="Odd")
    house.add(total, id="Total")
    nodes = {
        "c": Node("Count", {"stop": 4, "keep_going": True}),
        "o": Node("Odd", {"value": out("c")}),
        "s": Node("Show", {"value": out("o"), "name": "shown"}),
        "t": Node("Total", {"values": out("o")}),
        "p": Node("Progress", {"name": "p"}),
        "e": add("twin", out("p")),
        "g": add("twin", out("p")),
        "f": Node("Fail", {"name": "f"}),
        "k": add("k", out("f")),
    }
    return nodes, ["s", "t", "e", "g", "k"]


def test_everything_that_happens_is_told_in_order_and_every_node_ends_once(house, busy):
    nodes, targets = busy
    house.run(nodes, targets)
    assert [event.number for event in house.told] == list(range(1, len(house.told) + 1))
    assert {type(event) for event in house.told} >= set(KINDS)
    assert house.ends() == {
        "c": "finished", "o": "finished", "s": "finished", "t": "finished", "p": "finished", "e": "finished",
        "g": "reused", "f": "failed", "k": "skipped",
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_listener_may_raise_at_any_kind_of_event_and_the_engine_is_as_good_as_before(house, busy, kind):
    nodes, targets = busy
    told = []

    def listener(event):
        told.append(event)
        if isinstance(event, kind):
            raise LookupError("tripped")

    with pytest.raises(LookupError, match="tripped"):
        house.engine.run(Workflow(nodes), targets, listener=listener)
    assert type(told[-1]) is kind, "a listener that raised is not told anything more"
    outcome = house.run(nodes, targets)
    assert (outcome.status, outcome.values["t"]) == ("failed", {"INT": 4})


@pytest.mark.long
def test_the_problems_of_many_items_are_listed_up_to_a_bound_and_all_are_told(house, busy):
    nodes, _ = busy
    nodes = {**nodes, "c": Node("Count", {"stop": 2500, "keep_going": True})}
    outcome = house.run(nodes, ["t"])
    assert len(outcome.problems) == 1000
    assert len(house.of(events.ItemFailed)) == 1250


def test_a_stream_is_told_as_a_whole(house, busy):
    nodes, _ = busy
    house.run({**nodes, "c": Node("Count", {"stop": 40, "keep_going": True})}, ["t"])
    told = Counter((type(event).__name__, event.node) for event in house.told if hasattr(event, "node"))
    assert told["NodeStarted", "o"] == told["NodeFinished", "o"] == 1
    assert told["NodeStarted", "c"] == told["NodeFinished", "c"] == 1
    assert told["NodeProgressed", "o"] == 20, "those that got through"


def test_nothing_is_told_after_the_end():
    told = []
    publisher = Publisher("r", told.append, lambda error: None)
    log = RunLog(publisher)
    log.publish(events.RunFinished, "finished", 1.0)
    publisher.close()
    log.publish(events.RunDraining)
    assert [type(event) for event in told] == [events.RunFinished]


def test_without_a_listener_the_run_is_still_accounted_for(house, busy):
    nodes, targets = busy
    outcome = house.engine.run(Workflow(nodes), targets)
    assert outcome.status == "failed"
    assert {problem.node for problem in outcome.problems} == {"o", "f"}
    assert outcome.artifacts["s"]


def test_equal_nodes_in_a_stream_each_have_one_end_and_show_the_same(house):
    """They are one call for each item, told of both."""

    def count(stop: int) -> Each[int]:
        yield from range(stop)

    house.add(count, id="Count")
    nodes = {
        "c": Node("Count", {"stop": 2}),
        "s": Node("Show", {"value": out("c"), "name": "shown"}),
        "t": Node("Show", {"value": out("c"), "name": "shown"}),
    }
    outcome = house.run(nodes, ["s", "t"])
    assert house.calls() == ["shown", "shown"]
    assert house.ends() == {"c": "finished", "s": "finished", "t": "reused"}
    assert outcome.artifacts["s"] == outcome.artifacts["t"] != ()
    (how,) = [event.how for event in house.of(events.NodeReused)]
    assert how == "equal node"


def test_equal_nodes_in_a_stream_that_fail_each_have_one_end(house):
    def count(stop: int) -> Each[int]:
        yield from range(stop)

    house.add(count, id="Count")
    nodes = {
        "c": Node("Count", {"stop": 3}),
        "f": Node("Fail", {"in0": out("c"), "name": "f"}),
        "g": Node("Fail", {"in0": out("c"), "name": "f"}),
    }
    house.run(nodes, ["f", "g"])
    assert house.ends() == {"c": "finished", "f": "failed", "g": "skipped"}


def test_what_ran_in_the_place_of_a_node_shows_its_pictures_as_that_node_in_order(house):
    """Those of a stream in there, too; and they are shown again when the node is remembered."""

    def count(stop: int) -> Each[int]:
        yield from range(stop)

    def around(stop: int) -> int | Expand:
        inner = Expansion()
        items = inner.add("Count", id="c", stop=stop)
        inner.add("Draw", id="d", value=items["INT"])
        inner.add("Draw", id="e", value=100)
        return inner.returns(stop)

    def draw(value: int, context: NodeContext) -> None:
        def act():
            (context.files.root("output") / f"{value}.txt").touch()
            context.show(Artifact("output", f"{value}.txt", "text/plain"))

        context.in_turn(act)

    for name, function, options in (
        ("Count", count, {}),
        ("Around", around, {}),
        ("Draw", draw, {"side_effect": True}),
    ):
        house.add(function, id=name, **options)
    for _ in range(2):
        outcome = house.run({"a": Node("Around", {"stop": 11})}, ["a"])
        shown = {node: [artifact.name for artifact in made] for node, made in outcome.artifacts.items()}
        assert [*shown] == ["a"]
        assert [name for name in shown["a"] if name != "100.txt"] == [f"{number}.txt" for number in range(11)]
        assert len(shown["a"]) == 12


def test_what_has_to_be_made_again_after_it_was_told_to_be_reused_has_one_end_all_the_same(tmp_path, monkeypatch):
    """As when another process lets a value go between the two."""
    clock = Clock()
    monkeypatch.setattr("graph.running.evaluation.time", clock)
    house = RememberingHouse(tmp_path, clock)

    def parity(number: int) -> int:
        return number % 2

    def dear(value: int) -> Any:
        house.recorder.begin("dear")
        clock.now += 9.0
        return ToyArray(bytes([value]) * 40_000)

    house.add(parity, id="Parity")
    house.add(dear, id="Dear")

    def nodes(number):
        return {
            "p": ("Parity", {"number": number}),
            "d": ("Dear", {"value": "@p.INT"}),
            "s": ("Size", {"in0": "@d.output", "number": number}),
        }

    house.run(["s"], **nodes(2))
    house.restart()
    for file in house.blobs():
        file.unlink()
    house.calls()
    assert house.run(["s"], **nodes(4)).values == {"s": {"INT": 40_004}}
    assert "dear" in house.calls()
    ends = [event.node for event in house.told if isinstance(event, events.NodeReused | events.NodeFinished)]
    assert sorted(ends) == ["d", "p", "s"]
    assert [event.node for event in house.told if isinstance(event, events.NodeStarted)] == ["p", "s"]
    house.close()
