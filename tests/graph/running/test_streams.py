"""Streams at work: items in, items out, what fails, what is blocked, and what is left behind."""

import threading
from typing import Any

import pytest

from graph.api import BLOCK, Each, Item, Items, Lazy, NodeError
from graph.document.workflow import Node
from graph.node_types.context import CancelToken
from graph.running import events
from tests.support.house import add, out


@pytest.fixture
def streaming(house):
    def count(stop: int, name: str = "", keep_going: bool = False) -> Each[int]:
        house.recorder.begin("count")
        return Items(iter(range(stop)), stop, keep_going)

    def total(values: list[int], name: str = "", plus: int = 0) -> int:
        house.recorder.begin("total")
        return sum(values) + plus

    def odd(value: int) -> int:
        if value % 2 == 0:
            raise NodeError(f"{value} is even")
        return value

    def gate(value: int) -> int:
        return value or BLOCK

    def torn(stop: int) -> Each[int]:
        yield from range(stop)
        raise OSError("the folder is gone")

    for name, function in (("Count", count), ("Total", total), ("Odd", odd), ("Gate", gate), ("Torn", torn)):
        house.add(function, id=name)
    return house


# What fails


def test_a_value_from_outside_that_fails_breaks_the_stream_also_when_it_keeps_going(streaming):
    nodes = {
        "x": Node("Fail", {"name": "x"}),
        "c": Node("Count", {"stop": 3, "keep_going": True}),
        "p": add("p", out("c"), out("x")),
        "q": add("q", out("p")),
        "t": Node("Total", {"values": out("q")}),
    }
    outcome = streaming.run(nodes, ["t"])
    assert (outcome.status, outcome.values) == ("failed", {})
    assert streaming.ends() == {"x": "failed", "c": "finished", "p": "skipped", "q": "skipped", "t": "skipped"}
    assert {event.because for event in streaming.of(events.NodeSkipped)} == {"x"}


def test_a_stream_inside_of_an_item_takes_only_this_item_with_it(streaming):
    nodes = {
        "c": Node("Count", {"stop": 4, "keep_going": True}),
        "d": Node("Torn", {"stop": out("c")}),
        "i": Node("Total", {"values": out("d")}),
        "o": Node("Odd", {"value": out("c")}),
        "j": Node("Count", {"stop": out("o")}),
        "k": Node("Total", {"values": out("j"), "plus": 10}),
        "t": Node("Total", {"values": out("i")}),
        "u": Node("Total", {"values": out("k")}),
    }
    outcome = streaming.run(nodes, ["t", "u"])
    assert (outcome.status, outcome.values) == ("finished", {"t": {"INT": 0}, "u": {"INT": 10 + 10 + 3}})
    assert len(streaming.of(events.ItemFailed)) == 4 + 2


def test_an_inner_stream_that_breaks_breaks_the_outer_one(streaming):
    nodes = {
        "c": Node("Count", {"stop": 4}),
        "d": Node("Count", {"stop": out("c")}),
        "o": Node("Odd", {"value": out("d")}),
        "i": Node("Total", {"values": out("o")}),
        "t": Node("Total", {"values": out("i")}),
    }
    outcome = streaming.run(nodes, ["t"])
    assert (outcome.status, outcome.values) == ("failed", {})
    assert streaming.ends()["o"] == "failed"
    assert streaming.ends()["t"] == "skipped"


def test_an_item_that_fails_at_one_node_is_left_out_only_below_that_node(streaming):
    nodes = {
        "c": Node("Count", {"stop": 4, "keep_going": True}),
        "o": Node("Odd", {"value": out("c")}),
        "p": Node("Pass", {"in0": out("c"), "name": "p"}),
        "t": Node("Total", {"values": out("p")}),
        "u": Node("Total", {"values": out("o")}),
    }
    assert streaming.run(nodes, ["t", "u"]).values == {"t": {"INT": 6}, "u": {"INT": 4}}


def test_what_was_collected_without_a_failed_item_is_not_taken_for_the_whole_next_time(streaming):
    broken = [True]

    def shaky(value: int) -> int:
        if value == 2 and broken[0]:
            raise NodeError("the wire shakes")
        return value

    streaming.add(shaky, id="Shaky")
    nodes = {
        "c": Node("Count", {"stop": 4, "keep_going": True}),
        "s": Node("Shaky", {"value": out("c")}),
        "t": Node("Total", {"values": out("s")}),
        "k": Node("Pass", {"in0": out("t"), "name": "k"}),
    }
    assert streaming.run(nodes, ["k"]).values["k"] == {"INT": 4}
    broken[0] = False
    assert streaming.run(nodes, ["k"]).values["k"] == {"INT": 6}


def test_a_cancelled_item_ends_its_stream(streaming):
    token = CancelToken()

    def cancelling(context: Any, value: int) -> int:
        token.cancel()
        context.check_cancelled()
        return value

    from graph.node_types.context import NodeContext

    cancelling.__annotations__["context"] = NodeContext
    streaming.add(cancelling, id="Cancelling")
    nodes = {
        "c": Node("Count", {"stop": 50}),
        "x": Node("Cancelling", {"value": out("c")}),
        "p": add("p", out("x")),
        "t": Node("Total", {"values": out("p")}),
    }
    assert streaming.run(nodes, ["t"], token=token).status == "cancelled"


# What is blocked, and what is empty


def test_a_stream_that_is_blocked_blocks_what_collects_it(streaming):
    nodes = {
        "g": Node("Gate", {"value": 0}),
        "c": Node("Count", {"stop": out("g")}),
        "p": add("p", out("c")),
        "t": Node("Total", {"values": out("p")}),
        "k": add("k"),
    }
    outcome = streaming.run(nodes, ["t", "p", "k"])
    assert (outcome.status, outcome.values.keys()) == ("finished", {"k"})
    assert streaming.ends() == {"g": "finished", "c": "skipped", "p": "skipped", "t": "skipped", "k": "finished"}


def test_items_that_are_blocked_are_left_out_quietly(streaming):
    nodes = {
        "c": Node("Count", {"stop": 4}),
        "g": Node("Gate", {"value": out("c")}),
        "p": Node("Pass", {"in0": out("g"), "name": "p"}),
        "k": Node("Keep", {"in0": out("g"), "name": "k"}),
        "t": Node("Total", {"values": out("p")}),
    }
    outcome = streaming.run(nodes, ["t", "p", "k"])
    assert (outcome.status, outcome.values) == ("finished", {"t": {"INT": 6}, "p": {"INT": [1, 2, 3]}})
    assert streaming.calls().count("k") == 3


def test_of_equal_items_that_are_blocked_one_is_called(house):
    def items() -> Each[int]:
        yield from (2, 2, 4, 2)

    def stop(value: int) -> int:
        house.recorder.begin(f"stop {value}")
        return BLOCK

    house.add(items, id="Items")
    house.add(stop, id="Stop")
    house.run({"i": Node("Items"), "s": Node("Stop", {"value": out("i")})}, ["s"])
    assert house.calls() == ["stop 2", "stop 4"]


def test_streams_without_items_inside_a_stream_are_empty_lists(streaming):
    nodes = {
        "c": Node("Count", {"stop": 1}),
        "d": Node("Count", {"stop": out("c")}),
        "p": add("p", out("d")),
        "i": Node("Total", {"values": out("p")}),
        "t": Node("Total", {"values": out("i")}),
    }
    assert streaming.run(nodes, ["t", "i"]).values == {"t": {"INT": 0}, "i": {"INT": [0]}}
    assert streaming.ends()["p"] == "skipped", "there was no item for it"


# Who wants what, when


def test_a_list_that_is_not_asked_for_is_not_collected_beside_one_that_is(streaming):
    def perhaps(values: Lazy[list[int]], ask: bool = False) -> int:
        return sum(values.get()) if ask else -1

    streaming.add(perhaps, id="Perhaps")

    def nodes(ask):
        return {
            "c": Node("Count", {"stop": 3}),
            "a": add("a", out("c")),
            "b": Node("Pass", {"in0": out("c"), "name": "b"}),
            "t": Node("Total", {"values": out("a")}),
            "p": Node("Perhaps", {"values": out("b"), "ask": ask}),
            "k": Node("Keep", {"in0": out("c"), "name": "k"}),
        }

    assert streaming.run(nodes(False), ["p", "t", "k"]).values["p"] == {"INT": -1}
    assert streaming.calls() == ["a", "a", "a", "count", "k", "k", "k", "total"]
    assert streaming.run(nodes(True), ["p", "t", "k"]).values["p"] == {"INT": 3}
    assert streaming.calls() == ["b", "b", "b", "count", "count"], "the side effect looks through its items, too"


def test_what_is_not_remembered_is_done_once_for_each_item_also_if_the_stream_is_gone_through_twice(streaming):
    def mark(value: int) -> None:
        streaming.recorder.begin(f"mark {value}")

    def perhaps(values: Lazy[list[int]]) -> int:
        return sum(values.get())

    streaming.add(mark, id="Mark", side_effect=True, cache=False)
    streaming.add(perhaps, id="Perhaps")
    nodes = {
        "c": Node("Count", {"stop": 2}),
        "b": Node("Pass", {"in0": out("c"), "name": "b"}),
        "m": Node("Mark", {"value": out("c")}),
        "p": Node("Perhaps", {"values": out("b")}),
    }
    assert streaming.run(nodes, ["m", "p"]).values == {"p": {"INT": 1}}
    assert streaming.calls() == ["b", "b", "count", "count", "mark 0", "mark 1"]


def test_a_stream_that_is_wanted_again_while_it_is_under_way_gives_all_items_to_both(house):
    """`late` was remembered, its value is gone, and it is needed when the stream is half through."""
    gate = threading.Event()
    big = 2**1100

    def count(stop: int) -> Each[int]:
        return Items(iter(range(stop)), stop)

    def slow(value: int) -> int:
        if value == 1:
            assert gate.wait(20)
        return value

    def large(values: list[int]) -> int:
        return big + sum(values)

    def modest(values: list[int]) -> int:
        return sum(values)

    def both(a: int, b: Lazy[int], ask: int = 0) -> int:
        return b.get() % 1000 + a

    for name, function in (("Count", count), ("Slow", slow), ("Large", large), ("Modest", modest), ("Both", both)):
        house.add(function, id=name)
    nodes = {
        "c": Node("Count", {"stop": 20}),
        "p": Node("Pass", {"in0": out("c"), "name": "p"}),
        "l": Node("Large", {"values": out("p")}),
        "s": Node("Slow", {"value": out("c")}),
        "m": Node("Modest", {"values": out("s")}),
        "b": Node("Both", {"a": 1, "b": out("l")}),
    }
    gate.set()
    house.run(nodes, ["l"])
    house.engine.cache.memory.max_bytes = 0
    house.engine.cache.memory.clear()
    outcome = house.run(nodes, ["b", "m"])
    assert outcome.values == {"b": {"INT": (big + 190) % 1000 + 1}, "m": {"INT": 190}}


# What is left behind


def test_a_source_that_raises_when_it_is_closed_fails_like_any_node(streaming):
    def clinging(stop: int) -> Each[int]:
        class Clinging:
            def __iter__(self):
                return self

            def __next__(self):
                raise StopIteration

            def close(self):
                raise OSError("it will not let go")

        return Clinging()

    streaming.add(clinging, id="Clinging")
    nodes = {"c": Node("Clinging", {"stop": 1}), "t": Node("Total", {"values": out("c")}), "k": add("k")}
    outcome = streaming.run(nodes, ["t", "k"])
    assert (outcome.status, outcome.values.keys()) == ("failed", {"k"})
    assert [(problem.node, problem.message) for problem in outcome.problems] == [("c", "OSError: it will not let go")]


@pytest.mark.parametrize("remembered", [False, True])
def test_a_stream_without_end_ends_when_the_run_is_cancelled_and_is_closed(streaming, remembered):
    closed, token = [], CancelToken()
    limit = 100

    def endless() -> Each[int]:
        try:
            number = 0
            while True:
                yield number % 5 if remembered else number
                number += 1
                if number == limit:
                    token.cancel()
        finally:
            closed.append(True)

    streaming.add(endless, id="Endless")
    nodes = {"e": Node("Endless"), "k": Node("Keep", {"in0": out("e"), "name": "k"})}
    assert streaming.run(nodes, token=token).status == "cancelled"
    assert closed == [True]


def test_a_stream_without_end_ends_when_a_listener_raises(streaming):
    def endless() -> Each[int]:
        while True:
            yield 1

    def listener(event):
        if isinstance(event, events.NodeProgressed):
            raise LookupError("tripped")

    streaming.add(endless, id="Endless")
    nodes = {"e": Node("Endless"), "k": Node("Keep", {"in0": out("e"), "name": "k"})}
    from graph.document.workflow import Workflow

    with pytest.raises(LookupError, match="tripped"):
        streaming.engine.run(Workflow(nodes), listener=listener)


def test_items_that_cannot_be_fingerprinted_are_made_again_each_time_unless_their_source_is_known(streaming):
    made = []

    def things(stop: int) -> Each[Any]:
        for number in range(stop):
            made.append(number)
            yield object()

    def look(value: Any) -> int:
        streaming.recorder.begin("look")
        return 1

    streaming.add(things, id="Things")
    streaming.add(look, id="Look")
    nodes = {"c": Node("Things", {"stop": 3}), "l": Node("Look", {"value": out("c", "output")})}
    nodes["t"] = Node("Total", {"values": out("l")})
    assert streaming.run(nodes, ["t"]).values["t"] == {"INT": 3}
    assert streaming.run(nodes, ["t"]).ran == ()
    assert streaming.run({**nodes, "t": Node("Total", {"values": out("l"), "name": "u"})}, ["t"]).values["t"] == {
        "INT": 3
    }
    assert streaming.calls().count("look") == 3, "an item is known by its source and its number"


def test_an_item_that_is_made_when_needed_may_fail(streaming):
    def keyed(stop: int) -> Each[int]:
        def make(number):
            if number == 1:
                raise NodeError("item torn")
            return number

        return Items((Item(number, lambda number=number: make(number)) for number in range(stop)), stop, True)

    streaming.add(keyed, id="Keyed")
    nodes = {"c": Node("Keyed", {"stop": 3}), "t": Node("Total", {"values": out("c")})}
    outcome = streaming.run(nodes, ["t"])
    assert (outcome.status, outcome.values["t"]) == ("finished", {"INT": 2})
    assert [(event.node, event.item) for event in streaming.of(events.ItemFailed)] == [("c", (1,))]


def test_a_list_is_collected_up_to_a_limit_and_a_stream_that_nobody_collects_has_none(streaming, monkeypatch):
    monkeypatch.setattr("graph.running.streams.MOST_ITEMS", 5)
    for stop, status in ((5, "finished"), (6, "failed")):
        outcome = streaming.run({"c": Node("Count", {"stop": stop}), "t": Node("Total", {"values": out("c")})}, ["t"])
        assert outcome.status == status
    (problem,) = outcome.problems
    assert problem.node == "c"
    assert problem.message == "there are more than 5 items, and a later node collects them in one list"
