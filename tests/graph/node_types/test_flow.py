"""Lazy inputs, graphs in a node's place, streams, blocked branches, coroutines: what flows besides plain values."""

import asyncio
import contextlib
import threading
from typing import Any, NamedTuple, TypeVar

import pytest

from graph.api import BLOCK, Each, Item, Items, Lazy, NodeError, get_all
from graph.document.workflow import Node, Workflow
from graph.node_types.context import Artifact, CancelToken, NodeContext
from graph.node_types.expansion import Expand, Expansion
from graph.running import events
from graph.scheduling.lanes import Lanes
from tests.support.house import House, add, out
from tests.support.toys import PATIENCE, mix, workflow_from_text

T = TypeVar("T")


# Lazy inputs


@pytest.fixture
def lazy(house):
    def choose(condition: bool, then: Lazy[int], otherwise: Lazy[int]) -> int:
        house.recorder.begin("choose")
        return then.get() if condition else otherwise.get()

    house.add(choose, id="Choose2")

    def run(condition, left=0, right=0):
        return house.run(
            {
                "l": add("l", number=left),
                "r": add("r", number=right),
                "c": Node("Choose2", {"condition": condition, "then": out("l"), "otherwise": out("r")}),
                "k": add("k", out("c")),
            },
            ["k"],
        )

    return run


def test_only_the_lazy_input_that_is_asked_for_is_worked_out(house, lazy):
    lazy(condition=True)
    assert set(house.calls()) == {"choose", "l", "k"}


def test_a_branch_that_was_never_asked_for_is_not_told_to_be_remembered(house, lazy):
    for _ in range(2):
        lazy(condition=True)
    (started,) = house.of(events.RunStarted)
    assert set(started.reused) == {"l", "c", "k"}
    house.run({"r": add("r")}, ["r"])
    lazy(condition=True)
    (started,) = house.of(events.RunStarted)
    assert set(started.reused) == {"l", "r", "c", "k"}, "somebody else had it run"


def test_a_lazy_node_is_remembered_by_what_it_asked_for(house, lazy):
    lazy(condition=True)
    house.calls()
    assert lazy(condition=True, right=7).status == "finished"
    assert house.calls() == [], "the other branch changed, and nobody asked for it"
    lazy(condition=True, left=7)
    assert set(house.calls()) == {"choose", "l", "k"}
    lazy(condition=True)
    assert house.calls() == []


def test_lazy_inputs_can_be_asked_for_together(house):
    def both(a: Lazy[int], b: Lazy[int]) -> int:
        house.recorder.begin("both")
        one, two = get_all(a, b)
        return one + two

    house.add(both, id="Both")
    nodes = {"l": add("l", number=1), "r": add("r", number=2), "b": Node("Both", {"a": out("l"), "b": out("r")})}
    house.run(nodes, ["b"])
    assert house.calls() == ["both", "both", "l", "r"]


def test_a_lazy_input_that_fails_takes_the_node_with_it(house, lazy):
    nodes = {"f": Node("Fail", {"name": "f"}), "c": Node("Choose2", {"condition": True, "then": out("f")})}
    nodes["c"] = Node("Choose2", {"condition": True, "then": out("f"), "otherwise": 1})
    outcome = house.run(nodes, ["c"])
    assert (outcome.status, [problem.node for problem in outcome.problems]) == ("failed", ["f"])
    assert [event.node for event in house.of(events.NodeSkipped)] == ["c"]


def test_an_impure_value_that_a_lazy_branch_reads_too_is_the_same_for_all(house, lazy):
    nodes = {
        "i": Node("Impure", {"name": "i"}),
        "z": add("z", out("i")),
        "l": add("l", out("i")),
        "c": Node("Choose2", {"condition": True, "then": out("l"), "otherwise": 1}),
        "k": add("k", out("z"), out("c")),
    }
    house.run(nodes, ["k"])
    assert house.calls().count("i") == 1


def test_an_edge_to_one_lazy_input_is_not_taken_for_a_value_of_the_other(house, lazy):
    edge, value = {"then": out("l"), "otherwise": 1}, {"then": 1, "otherwise": out("l")}
    for inputs, expected in ((value, 1), (edge, mix(5, [None] * 6)), (value, 1)):
        nodes = {"l": add("l", number=5), "c": Node("Choose2", {"condition": True, **inputs})}
        assert house.run(nodes, ["c"]).values["c"] == {"INT": expected}


def test_the_answer_to_one_question_is_not_remembered_as_the_answer_to_all(house):
    """The third item is equal to the second: it is not called, so it never asked for anything."""

    def count(stop: int) -> Each[int]:
        yield from (4, 5, 5)

    def pick(a: Lazy[int], b: Lazy[int]) -> int:
        return a.get() if a.get() % 2 else b.get() * 10

    house.add(count, id="Count")
    house.add(pick, id="Pick")
    nodes = {"c": Node("Count", {"stop": 3}), "p": Node("Pick", {"a": out("c"), "b": out("c")})}
    for _ in range(2):
        assert house.run(nodes, ["p"]).values["p"] == {"INT": [40, 5, 5]}


def test_a_lazy_input_may_be_asked_for_twice_and_others_when_the_body_is_called_again(house):
    def fickle(a: Lazy[int], b: Lazy[int], c: Lazy[int]) -> int:
        calls.append(1)
        asked = [a, b, c][len(calls) % 3 - 1]
        return asked.get() + asked.get() + c.get()

    calls = []
    house.add(fickle, id="Fickle")
    nodes = {name: add(name, number=place) for place, name in enumerate("abc")}
    nodes["f"] = Node("Fickle", {name: out(name) for name in "abc"})
    outcome = house.run(nodes, ["f"])
    assert outcome.status == "finished"
    assert len(calls) <= 4, "every question brings one more input, so there is an end"


@pytest.mark.parametrize("source", ["Gate", "Any"])
def test_a_blocked_lazy_input_matters_only_when_it_is_asked_for(house, lazy, source):
    def gate(value: int) -> int:
        return value or BLOCK

    house.add(gate, id="Gate")
    for condition, expected in ((True, {}), (False, {"c": {"INT": 7}})):
        nodes = {
            "g": Node("Gate", {"value": 0}),
            "c": Node("Choose2", {"condition": condition, "then": out("g"), "otherwise": 7}),
        }
        outcome = house.run(nodes, ["c"])
        assert (outcome.status, outcome.values) == ("finished", expected)


# Graphs in a node's place


@pytest.fixture
def expanding(house):
    def twice(value: int, name: str = "") -> int | Expand:
        house.recorder.begin("twice")
        inner = Expansion()
        one = inner.add("Add", name="one", number=value)
        two = inner.add("Add", name="two", in0=one["INT"])
        return inner.returns(two["INT"])

    house.add(twice, id="Twice")
    return house


def test_a_returned_graph_runs_in_the_nodes_place(expanding):
    nodes = {"t": Node("Twice", {"value": 5}), "k": add("k", out("t"))}
    outcome = expanding.run(nodes, ["t", "k"])
    same = expanding.engine.run(workflow_from_text("a -> b", inputs={"a": {"name": "one", "number": 5}}), ["b"])
    assert outcome.values["t"] == same.values["b"]
    assert outcome.status == "finished"
    assert expanding.run(nodes, ["k"]).ran == ()


def test_inner_nodes_are_remembered_one_by_one(expanding):
    expanding.run({"t": Node("Twice", {"value": 5})}, ["t"])
    expanding.calls()
    expanding.run({"t": Node("Twice", {"value": 5, "name": "another"})}, ["t"])
    assert expanding.calls() == ["twice"]


def test_an_error_inside_is_the_visible_nodes(house):
    def broken(value: int) -> int | Expand:
        inner = Expansion()
        return inner.returns(inner.add("Fail", name="f", id="deep")["INT"])

    house.add(broken, id="Broken")
    outcome = house.run({"b": Node("Broken", {"value": 1}), "k": add("k", out("b"))}, ["k"])
    (problem,) = outcome.problems
    assert (problem.node, problem.node_type, problem.inner, problem.inner_type) == ("b", "Broken", "deep", "Fail")
    assert [event.node for event in house.of(events.NodeFailed)] == ["b/deep", "b"]
    assert [event.node for event in house.of(events.NodeSkipped)] == ["k"]


def test_values_go_in_and_side_effects_inside_are_done(house, tmp_path):
    def shown(value: Any) -> Any:
        inner = Expansion()
        inner.add("Show", value=value, name="inside")
        return inner.returns(value)

    house.add(shown, id="Shown")
    nodes = {"a": add("a"), "s": Node("Shown", {"value": out("a")})}
    outcome = house.run(nodes, ["s"])
    assert (tmp_path / "output" / "inside.txt").is_file()
    assert [artifact.name for artifact in outcome.artifacts["s"]] == ["inside.txt"]
    house.calls()
    assert house.run(nodes, ["s"]).ran == ()
    (tmp_path / "output" / "inside.txt").unlink()
    house.run(nodes, ["s"])
    assert house.calls() == ["inside"]


# Streams


@pytest.fixture
def streaming(house):
    def count(stop: int, name: str = "", keep_going: bool = False) -> Each[int]:
        house.recorder.begin("count")
        return Items(iter(range(stop)), stop, keep_going)

    def total(values: list[int], name: str = "") -> int:
        house.recorder.begin("total")
        return sum(values)

    def odd(value: int) -> int:
        house.recorder.begin(f"odd {value}")
        if value % 2 == 0:
            raise NodeError(f"{value} is even")
        return value

    house.add(count, id="Count")
    house.add(total, id="Total")
    house.add(odd, id="Odd")
    return house


def test_what_reads_a_stream_runs_once_for_each_item_and_a_list_collects_it(streaming):
    nodes = {
        "c": Node("Count", {"stop": 20}),
        "p": Node("Pass", {"in0": out("c"), "name": "p"}),
        "t": Node("Total", {"values": out("p")}),
    }
    outcome = streaming.run(nodes, ["t", "p"])
    assert outcome.values == {"t": {"INT": 190}, "p": {"INT": list(range(20))}}
    assert streaming.calls() == ["count", *["p"] * 20, "total"]
    assert streaming.run(nodes, ["t"]).ran == ()


def test_items_are_remembered_one_by_one(streaming):
    def nodes(stop):
        return {
            "c": Node("Count", {"stop": stop}),
            "p": Node("Pass", {"in0": out("c"), "name": "p"}),
            "k": Node("Keep", {"in0": out("p"), "name": "k"}),
        }

    streaming.run(nodes(10))
    assert streaming.calls() == ["count", *["k"] * 10, *["p"] * 10]
    streaming.run(nodes(12))
    assert streaming.calls() == ["count", "k", "k", "p", "p"]


def test_an_item_with_a_key_is_made_only_when_somebody_needs_it(house):
    made = []

    def files(names: str) -> Each[int]:
        def make(name):
            made.append(name)
            return len(name)

        for name in names.split():
            yield Item(name, lambda name=name: make(name))

    house.add(files, id="Files")

    def nodes(names):
        return {"f": Node("Files", {"names": names}), "k": Node("Keep", {"in0": out("f"), "name": "k"})}

    house.run(nodes("a bb ccc"))
    house.run(nodes("a bb dddd ccc"))
    assert sorted(made) == ["a", "bb", "ccc", "dddd"]


def test_streams_that_meet_are_paired_and_a_plain_value_goes_with_every_item(streaming):
    nodes = {
        "c": Node("Count", {"stop": 3}),
        "d": Node("Count", {"stop": 3, "name": "d"}),
        "x": add("x", number=9),
        "p": add("p", out("c"), out("d"), out("x")),
        "t": Node("Total", {"values": out("p")}),
    }
    outcome = streaming.run(nodes, ["p"])
    assert len(outcome.values["p"]["INT"]) == 3
    assert streaming.calls().count("x") == 1


def test_streams_of_unequal_length_that_meet_are_refused(streaming):
    nodes = {
        "c": Node("Count", {"stop": 3}),
        "d": Node("Count", {"stop": 4, "name": "d"}),
        "p": add("p", out("c"), out("d")),
        "t": Node("Total", {"values": out("p")}),
    }
    outcome = streaming.run(nodes, ["t"])
    assert outcome.status == "failed"
    assert "c has only 3 items" in outcome.problems[0].message
    assert [event.node for event in streaming.of(events.NodeSkipped)] == ["t"]


def test_a_stream_inside_a_stream_is_collected_one_level_at_a_time(streaming):
    nodes = {
        "c": Node("Count", {"stop": 4}),
        "d": Node("Count", {"stop": out("c")}),
        "i": Node("Total", {"values": out("d")}),
        "t": Node("Total", {"values": out("i")}),
    }
    outcome = streaming.run(nodes, ["t", "i"])
    assert outcome.values == {"i": {"INT": [0, 0, 1, 3]}, "t": {"INT": 4}}


def test_an_item_that_fails_ends_the_stream_unless_it_is_to_go_on(streaming):
    def nodes(keep_going):
        return {
            "c": Node("Count", {"stop": 6, "keep_going": keep_going}),
            "o": Node("Odd", {"value": out("c")}),
            "t": Node("Total", {"values": out("o")}),
        }

    stopped = streaming.run(nodes(keep_going=False), ["t"])
    assert (stopped.status, stopped.values) == ("failed", {})
    assert [event.node for event in streaming.of(events.NodeFailed)] == ["o"]
    went_on = streaming.run(nodes(keep_going=True), ["t"])
    assert (went_on.status, went_on.values) == ("finished", {"t": {"INT": 9}})
    assert sorted(event.item for event in streaming.of(events.ItemFailed)) == [(0,), (2,), (4,)]
    assert {problem.code for problem in went_on.problems} == {"item_failed"}


def test_what_items_show_is_in_their_order_whichever_is_done_first(streaming):
    def show(context: NodeContext, value: int) -> None:
        if value == 0:
            streaming.recorder.stand_at_gate("last")
        if value == 5:
            streaming.recorder.open_gate("last")
        context.show(Artifact("output", f"{value}.txt"))

    streaming.add(show, id="ShowItem", side_effect=True)
    nodes = {"c": Node("Count", {"stop": 6}), "s": Node("ShowItem", {"value": out("c")})}
    outcome = streaming.run(nodes)
    assert [artifact.name for artifact in outcome.artifacts["s"]] == [f"{number}.txt" for number in range(6)]


def test_an_empty_stream_is_collected_as_an_empty_list(streaming):
    nodes = {"c": Node("Count", {"stop": 0}), "t": Node("Total", {"values": out("c")})}
    assert streaming.run(nodes, ["t"]).values["t"] == {"INT": 0}


def test_a_source_that_raises_ends_its_stream(streaming):
    def torn(stop: int) -> Each[int]:
        yield 1
        raise OSError("the folder is gone")

    streaming.add(torn, id="Torn")
    nodes = {"c": Node("Torn", {"stop": 0}), "t": Node("Total", {"values": out("c")}), "k": add("k")}
    outcome = streaming.run(nodes, ["t", "k"])
    assert [problem.node for problem in outcome.problems] == ["c"]
    assert outcome.values.keys() == {"k"}


def test_only_a_few_items_are_under_way_at_once(streaming):
    alive, most = set(), []

    def watch(stop: int) -> Each[int]:
        for number in range(stop):
            alive.add(number)
            most.append(len(alive))
            yield number

    def done(value: int) -> None:
        alive.discard(value)

    streaming.add(watch, id="Watch")
    streaming.add(done, id="Done", side_effect=True)
    streaming.run({"w": Node("Watch", {"stop": 500}), "d": Node("Done", {"value": out("w")})})
    assert len(most) == 500
    assert max(most) <= 10


def test_an_expansion_may_run_for_each_item(streaming):
    def plus_one(value: int) -> int | Expand:
        inner = Expansion()
        return inner.returns(inner.add("Pass", in0=value)["INT"])

    streaming.add(plus_one, id="PlusOne")
    nodes = {
        "c": Node("Count", {"stop": 30}),
        "x": Node("PlusOne", {"value": out("c")}),
        "t": Node("Total", {"values": out("x")}),
    }
    assert streaming.run(nodes, ["t"]).values["t"] == {"INT": 435}


# Blocked branches


def test_a_blocked_branch_stops_quietly(house):
    def gate(value: int) -> int:
        return value or BLOCK

    house.add(gate, id="Gate")
    nodes = {
        "g": Node("Gate", {"value": 0}),
        "a": add("a", out("g")),
        "k": Node("Keep", {"in0": out("a"), "name": "k"}),
        "l": Node("Keep", {"name": "l"}),
    }
    outcome = house.run(nodes)
    assert (outcome.status, house.calls()) == ("finished", ["l"])
    assert [event.node for event in house.of(events.NodeSkipped)] == ["a", "k"]


def test_a_target_that_was_blocked_is_not_among_the_values(house):
    def gate(value: int) -> int:
        return value or BLOCK

    house.add(gate, id="Gate")
    nodes = {
        "g": Node("Gate", {"value": 0}),
        "k": Node("Keep", {"in0": out("g"), "name": "k"}),
        "a": add("a", out("g")),
    }
    assert house.run(nodes, ["k", "a", "g"]).values == {}


# Coroutines


def test_coroutines_are_awaited_together(house):
    meeting = asyncio.Barrier(30)

    async def meet(name: str = "") -> int:
        await meeting.wait()
        return 1

    house.add(meet, id="Meet")
    nodes = {f"m{number}": Node("Meet", {"name": str(number)}) for number in range(30)}
    assert len(house.run(nodes, list(nodes)).values) == 30


def test_a_coroutine_that_raises_fails_like_any_node(house):
    async def torn() -> int:
        raise NodeError("the wire is cut", remedy="mend it")

    house.add(torn, id="Torn")
    (problem,) = house.run({"t": Node("Torn")}, ["t"]).problems
    assert (problem.node, problem.message, problem.remedy) == ("t", "the wire is cut", "mend it")


def test_a_cancelled_run_cancels_its_coroutines(house):
    token = CancelToken()

    async def forever() -> int:
        token.cancel()
        await asyncio.Event().wait()
        return 1

    house.add(forever, id="Forever")
    outcome = house.run({"f": Node("Forever"), "k": add("k", out("f"))}, ["k"], token=token)
    assert outcome.status == "cancelled"
    assert [event.node for event in house.of(events.NodeCancelled)] == ["f"]


class Two(NamedTuple):
    number: Each[int]
    name: Each[str]


def test_a_stream_with_several_outputs_gives_a_tuple_for_each_item(streaming):
    def pairs(stop: int) -> Two:
        return ((number, str(number)) for number in range(stop))

    streaming.add(pairs, id="Pairs")
    nodes = {"p": Node("Pairs", {"stop": 3})}
    assert streaming.run(nodes, ["p"]).values["p"] == {"number": [0, 1, 2], "name": ["0", "1", "2"]}


def test_a_coroutine_that_swallows_the_cancelling_ends_as_cancelled(house):
    token = CancelToken()

    async def stubborn() -> int:
        token.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return 1

    house.add(stubborn, id="Stubborn")
    outcome = house.run({"s": Node("Stubborn"), "k": add("k", out("s"))}, ["k"], token=token)
    assert outcome.status == "cancelled"
    assert house.ends() == {"s": "cancelled", "k": "skipped"}


def test_closing_an_engine_ends_the_thread_of_its_coroutines(house):
    async def short() -> int:
        return 1

    house.add(short, id="Short")
    house.run({"s": Node("Short")}, ["s"])
    house.engine.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "jacquard-async"]


# Equal work in two runs


def run_beside(house, first, second, leader):
    """Two runs at once: the second begins when the leader of the first is at work; then the gate is opened."""
    outcomes = {}

    def start(name, nodes, targets, token):
        def run():
            outcomes[name] = house.engine.run(Workflow(nodes), targets, token=token)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    threads = [start("first", *first)]
    house.recorder.wait_until_called(leader)
    threads.append(start("second", *second))
    return threads, outcomes


def test_a_run_that_was_cancelled_while_it_waited_for_another_does_not_trouble_the_other(house):
    nodes = {"w": Node("Wait", {"name": "w"}), "k": add("k", out("w"))}
    token = CancelToken()
    threads, outcomes = run_beside(house, (nodes, ["k"], CancelToken()), (nodes, ["k"], token), "w")
    token.cancel()
    threads[1].join(PATIENCE)
    house.recorder.open_gate("w")
    threads[0].join(PATIENCE)
    assert {name: outcome.status for name, outcome in outcomes.items()} == {"first": "finished", "second": "cancelled"}


def test_values_that_nobody_has_room_for_are_given_to_those_who_waited_for_them(files):
    """The first run stands at the gate on one of two threads; the other one gets to `open` when `l` waits."""
    house = House(files, lanes=Lanes(cpu=2), cache_bytes=0)

    def large() -> int:
        house.recorder.begin("large")
        house.recorder.stand_at_gate("g")
        return 2**1100

    def open_gate() -> int:
        house.recorder.open_gate("g")
        return 1

    house.add(large, id="Large")
    house.add(open_gate, id="Open")
    nodes = {"l": Node("Large"), "o": Node("Open")}
    threads, outcomes = run_beside(house, (nodes, ["l"], CancelToken()), (nodes, ["l", "o"], CancelToken()), "large")
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert [outcome.values["l"] for outcome in outcomes.values()] == [{"INT": 2**1100}] * 2
    assert house.calls() == ["large"]
    house.engine.close()


# Values that are hard to tell apart


class Torn:
    """A codec of arrays whose elements cannot be read."""

    name = "torn"

    def owns(self, value):
        return isinstance(value, threading.Event)

    def describe(self, value):
        raise OSError("the array is torn")

    def storages(self, value):
        return [(id(value), 100)]

    buffer = restore = describe


def test_a_value_whose_fingerprint_raises_is_used_and_known_by_its_recipe(files):
    def give(number: int = 0) -> Any:
        house.recorder.begin("give")
        return threading.Event()

    def look(value: Any) -> int:
        house.recorder.begin("look")
        return 1

    house = House(files, codecs=[Torn()])
    house.add(give, id="Give")
    house.add(look, id="Look")
    nodes = {"g": Node("Give"), "l": Node("Look", {"value": out("g", "output")})}
    assert house.run(nodes, ["l"]).values["l"] == {"INT": 1}
    assert house.run({**nodes, "k": add("k", out("l"))}, ["k"]).status == "finished"
    assert house.calls() == ["give", "k", "look"]
    house.engine.close()


def test_huge_numbers_flow(house):
    nodes = {"a": Node("Any", {"value": 7}), "b": add("b", out("h")), "h": Node("Huge")}

    def huge() -> int:
        return -(2**100_000)

    house.add(huge, id="Huge")
    for _ in range(2):
        assert house.run(nodes, ["h", "b"]).values["h"] == {"INT": -(2**100_000)}


def test_a_blocked_optional_input_blocks_as_any_other(house):
    def gate(value: int) -> int:
        return value or BLOCK

    house.add(gate, id="Gate")
    nodes = {"g": Node("Gate", {"value": 0}), "p": Node("Pass", {"in0": 3, "in1": out("g"), "name": "p"})}
    outcome = house.run(nodes, ["p"])
    assert (outcome.status, outcome.values, house.ends()["p"]) == ("finished", {}, "skipped")
