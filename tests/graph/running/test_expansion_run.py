"""What a node gives that has a graph run in its place: when that is reused, when not, and what may be given out."""

import pytest

from graph.api import BLOCK, Each, Expand, Expansion, Items, NodeError
from graph.document.workflow import Node
from graph.running import events
from tests.support.house import add, out


@pytest.fixture
def streaming(house):
    def count(stop: int, keep_going: bool = False) -> Each[int]:
        return Items(iter(range(stop)), stop, keep_going)

    def total(values: list[int]) -> int:
        return sum(values)

    def odd(value: int) -> int:
        house.recorder.begin("odd")
        if value % 2 == 0:
            raise NodeError(f"{value} is even")
        return value

    for name, function in (("Count", count), ("Total", total), ("Odd", odd)):
        house.add(function, id=name)
    return house


def test_a_graph_with_nothing_to_run_gives_its_values_at_once(house):
    def seven(value: int) -> int | Expand:
        house.recorder.begin("seven")
        return Expansion().returns(7)

    house.add(seven, id="Seven")
    nodes = {"s": Node("Seven", {"value": 1}), "k": add("k", out("s"))}
    assert house.run(nodes, ["s", "k"]).values["s"] == {"INT": 7}
    assert house.calls() == ["k", "seven"]
    assert house.run(nodes, ["s", "k"]).ran == ()


def test_what_the_graph_gave_is_known_by_its_content(house):
    """Another graph that gives an equal value reuses what is below."""

    def through(value: int, by: str) -> int | Expand:
        inner = Expansion()
        return inner.returns(inner.add("Pass", in0=value, name=by)["INT"])

    house.add(through, id="Through")
    for by, called in (("one", ["k", "one"]), ("two", ["two"])):
        house.run({"t": Node("Through", {"value": 3, "by": by}), "k": add("k", out("t"))}, ["k"])
        assert house.calls() == called
    assert [(event.node, event.how) for event in house.of(events.NodeReused)] == [("k", "same inputs")]


def test_equal_expansions_share_what_is_inside_of_them(house):
    def twice(value: int, name: str = "") -> int | Expand:
        inner = Expansion()
        return inner.returns(inner.add("Add", number=value, name="inside")["INT"])

    house.add(twice, id="Twice")
    nodes = {name: Node("Twice", {"value": 1, "name": name}) for name in "abc"}
    assert len(set(map(str, house.run(nodes, list("abc")).values.values()))) == 1
    assert house.calls() == ["inside"]


def test_what_is_impure_however_deep_inside_makes_a_node_and_all_below_it_impure(house):
    def around(name):
        def function(value: int = 0) -> int | Expand:
            inner = Expansion()
            return inner.returns(inner.add(name)["INT"])

        return function

    house.add(around("Impure"), id="One")
    house.add(around("One"), id="Two")
    nodes = {"t": Node("Two"), "k": add("k", out("t")), "l": add("l", out("k"))}
    first = house.run(nodes, ["t", "l"]).values
    second = house.run(nodes, ["t", "l"]).values
    assert first["t"] != second["t"]
    assert first["l"] != second["l"]
    assert len(house.of(events.NodeStarted)) == 5, "t, t/0, t/0/0, k, l: nothing of it is remembered"


def test_a_blocked_output_blocks_what_reads_the_outer_node(house):
    def gate(value: int) -> int:
        return value or BLOCK

    def around(value: int) -> int | Expand:
        inner = Expansion()
        return inner.returns(inner.add("Gate", value=value)["INT"])

    house.add(gate, id="Gate")
    house.add(around, id="Around")
    nodes = {"o": Node("Around", {"value": 0}), "k": Node("Keep", {"in0": out("o"), "name": "k"})}
    outcome = house.run(nodes, ["k", "o"])
    assert (outcome.status, outcome.values, house.calls()) == ("finished", {}, [])


def test_a_stream_inside_an_expansion_is_given_out_as_a_list(streaming):
    def squares(stop: int) -> list[int] | Expand:
        inner = Expansion()
        numbers = inner.add("Count", stop=stop)
        return inner.returns(inner.add("Pass", in0=numbers["INT"])["INT"])

    streaming.add(squares, id="Squares")
    nodes = {"s": Node("Squares", {"stop": 4}), "t": Node("Total", {"values": out("s")})}
    assert streaming.run(nodes, ["t"]).values["t"] == {"INT": 6}


def test_what_an_expansion_gives_out_must_not_be_a_stream_inside_a_stream(streaming):
    def nested(stop: int) -> list[int] | Expand:
        inner = Expansion()
        outer = inner.add("Count", stop=stop)
        return inner.returns(inner.add("Count", stop=outer["INT"])["INT"])

    streaming.add(nested, id="Nested")
    (problem,) = streaming.run({"n": Node("Nested", {"stop": 2})}, ["n"]).problems
    assert "which is in a stream inside of a stream" in problem.message
    assert problem.remedy


@pytest.mark.parametrize(("keep_going", "again"), [(False, []), (True, ["odd"])])
def test_a_list_from_which_an_item_was_left_out_is_made_again(streaming, keep_going, again):
    """Item 0 fails each time; where no item is even, nothing is done twice."""

    def odds(keep_going: bool) -> int | Expand:
        inner = Expansion()
        numbers = inner.add("Count", stop=2, keep_going=keep_going)
        source = inner.add("Odd", value=numbers["INT"]) if keep_going else numbers
        return inner.returns(inner.add("Total", values=source["INT"])["INT"])

    streaming.add(odds, id="Odds")
    nodes = {"o": Node("Odds", {"keep_going": keep_going})}
    assert streaming.run(nodes, ["o"]).values["o"] == {"INT": 1}
    streaming.calls()
    assert streaming.run(nodes, ["o"]).values["o"] == {"INT": 1}
    assert streaming.calls() == again
