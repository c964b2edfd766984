"""One call: whether it is made, what it is made with, what it counts as taking, and what becomes of what it gives."""

import asyncio

import pytest

from graph.api import BLOCK, Expand, Expansion, Lazy, NodeContext
from graph.document.workflow import Node
from graph.planning import call_stages as stages
from graph.running import evaluation, events
from tests.support.house import add, out
from tests.support.remembering import Clock


def test_there_is_a_step_from_every_stage_that_is_not_an_end():
    ends = {stages.Done, stages.Blocked, stages.Stopped}
    assert {*stages.TRANSITIONS} - {*evaluation.STEPS} == ends


def test_a_call_that_gets_the_values_of_an_earlier_one_is_not_made_and_is_found_by_its_recipe_from_then_on(house):
    def parity(number: int) -> int:
        return number % 2

    house.add(parity, id="Parity")

    def run(number):
        house.run({"p": Node("Parity", {"number": number}), "k": add("k", out("p"))}, ["k"])
        started = [event.node for event in house.of(events.NodeStarted)]
        return started, [(event.node, event.how) for event in house.of(events.NodeReused)]

    assert run(2) == (["p", "k"], [])
    assert run(4) == (["p"], [("k", "same inputs")])
    assert run(4) == ([], [])


@pytest.mark.parametrize("is_optional", [False, True])
def test_a_call_of_which_an_input_is_blocked_is_not_made_and_no_failure(house, is_optional):
    def gate() -> int:
        return BLOCK

    def needs(value: int) -> int:
        raise AssertionError("never called")

    def may(value: int | None = None) -> int:
        raise AssertionError("never called")

    house.add(gate, id="Gate")
    house.add(may if is_optional else needs, id="Reader")
    nodes = {"g": Node("Gate"), "r": Node("Reader", {"value": out("g")}), "k": add("k", out("r"))}
    outcome = house.run(nodes, ["k"])
    assert (outcome.status, outcome.values, outcome.problems) == ("finished", {}, ())
    assert house.calls() == []


def test_a_node_is_called_with_what_is_written_or_arrives_and_with_a_context_only_if_it_has_one(house):
    got = []

    def plain(**arguments):
        got.append(sorted(arguments))
        return 1

    def first(written: int = 3, arrives: int = 0) -> int:
        return plain(written=written, arrives=arrives)

    def second(ctx: NodeContext, arrives: int = 0) -> int:
        assert ctx.files is house.files
        return plain(arrives=arrives)

    house.add(first, id="First")
    house.add(second, id="Second")
    nodes = {"f": Node("First", {"arrives": out("a")}), "a": add("a")}
    nodes["s"] = Node("Second", {"arrives": out("f")})
    assert house.run(nodes, ["s"]).status == "finished"
    assert got == [["arrives", "written"], ["arrives"]]


def test_a_node_that_requests_an_input_is_told_to_have_started_once_and_called_until_it_has_all(house):
    calls = []

    def both(a: Lazy[int], b: Lazy[int]) -> int:
        calls.append("both")
        return a.get() + b.get()

    house.add(both, id="Both")
    nodes = {"x": add("x"), "y": add("y"), "b": Node("Both", {"a": out("x"), "b": out("y")})}
    house.run(nodes, ["b"])
    assert len(calls) == 3
    assert [event.node for event in house.of(events.NodeStarted)] == ["b", "x", "y"]
    assert house.ends() == {"x": "finished", "y": "finished", "b": "finished"}


def test_a_coroutine_that_cancels_itself_has_failed_and_the_run_is_not_cancelled(house):
    async def gives_up() -> int:
        raise asyncio.CancelledError

    house.add(gives_up, id="GivesUp")
    outcome = house.run({"g": Node("GivesUp"), "a": add("a")}, ["g", "a"])
    assert (outcome.status, outcome.ran) == ("failed", ("a",))
    assert [problem.message for problem in outcome.problems] == ["RuntimeError: the node cancelled itself"]


def test_what_a_node_does_in_its_turn_counts_to_its_time(house, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(evaluation, "time", clock)

    def spend(seconds):
        clock.now += seconds

    def write(value: int, ctx: NodeContext) -> int:
        spend(1.0)
        ctx.in_turn(lambda: spend(2.0))
        return value

    def around(value: int) -> int | Expand:
        spend(4.0)
        inner = Expansion()
        return inner.returns(inner.add("Write", id="w", value=value)["INT"])

    house.add(write, id="Write")
    house.add(around, id="Around")
    house.run({"o": Node("Around", {"value": 1})}, ["o"])
    assert {event.node: event.seconds for event in house.of(events.NodeFinished)} == {"o/w": 3.0, "o": 7.0}


def test_a_node_whose_state_cannot_be_told_is_called_each_time_and_warns_that_it_is(house):
    def torn(value):
        raise OSError("the folder is gone")

    def reads(value: int = 1) -> int:
        house.recorder.begin("reads")
        return value

    house.add(reads, id="Reads", fingerprint=torn)
    for _ in range(2):
        outcome = house.run({"r": Node("Reads")}, ["r"])
        assert house.calls() == ["reads"]
        (line,) = outcome.warnings["r"].lines()
        assert line.startswith("its result is not reused: ")
