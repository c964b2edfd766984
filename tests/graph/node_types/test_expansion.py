"""Graphs that a node returns: how they are built, and what goes in and out of them."""

from typing import Any

import pytest

from graph.document.workflow import Node, Reference
from graph.node_types.expansion import Expand, Expansion
from graph.running import events
from tests.support.house import out
from tests.support.ids import plain
from tests.support.toys import mix

# How they are built


def test_nodes_are_named_by_number_unless_told_otherwise():
    inner = Expansion()
    one, two, three = inner.add("Add"), inner.add("Add", id="mine"), inner.add("Add")
    assert [one.id, two.id, three.id] == ["0", "mine", "2"]
    assert inner.returns(two["INT"]).outputs == {"0": Reference("mine", "INT")}


@pytest.mark.parametrize("name", ["taken", "a/b"])
def test_a_name_that_is_taken_or_leads_inside_is_refused(name):
    inner = Expansion()
    inner.add("Add", id="taken")
    with pytest.raises(ValueError, match="cannot name a node of this expansion"):
        inner.add("Add", id=name)


def test_outputs_are_given_by_place_or_by_name():
    inner = Expansion()
    one = inner.add("Add")
    assert inner.returns(one["INT"], 2, half=one["INT"]).outputs == {
        "0": Reference("0", "INT"), "1": 2, "half": Reference("0", "INT")
    }  # fmt: skip


# What goes in and out


@pytest.mark.parametrize("value", [2**4000, -(2**70), "", [1, [2]], {"a": 1}, None, object(), b"bytes"], ids=plain)
def test_any_value_goes_in_and_comes_out_as_it_is(house, value):
    def through(value: Any) -> Any:
        inner = Expansion()
        if value is None:
            return inner.returns(value)
        return inner.returns(inner.add("Any", value=value)["output"])

    def give() -> Any:
        return value

    house.add(give, id="Give")
    house.add(through, id="Through")
    nodes = {"g": Node("Give"), "t": Node("Through", {"value": out("g", "output")})}
    outcome = house.run(nodes, ["t"])
    assert outcome.status == "finished", outcome.problems
    got = outcome.values["t"]["output"]
    assert got is value or got == value


def test_a_number_that_is_not_finite_is_refused_where_it_enters_a_node_inside_as_outside(house):
    def through(text: str) -> Any:
        inner = Expansion()
        return inner.returns(inner.add("Any", value=float(text))["output"])

    house.add(through, id="Through")
    (problem,) = house.run({"t": Node("Through", {"text": "nan"})}, ["t"]).problems
    assert problem.node == "t"
    assert "nan is not a number that can be used" in problem.message


@pytest.mark.long
def test_a_graph_of_many_nodes_runs(house):
    def many(count: int) -> int | Expand:
        inner = Expansion()
        last = inner.add("Pass", in0=1)
        for number in range(count):
            last = inner.add("Add", number=number % 7, in0=last["INT"])
        return inner.returns(last["INT"])

    house.add(many, id="Many")
    outcome = house.run({"m": Node("Many", {"count": 5000})}, ["m"])
    expected = 1
    for number in range(5000):
        expected = mix(number % 7, [expected, *[None] * 5])
    assert outcome.values["m"] == {"INT": expected}


def test_inner_progress_is_told_of_the_outer_node(house):
    def twice(value: int) -> int | Expand:
        inner = Expansion()
        one = inner.add("Add", number=value)
        return inner.returns(inner.add("Add", in0=one["INT"])["INT"])

    house.add(twice, id="Twice")
    house.run({"t": Node("Twice", {"value": 1})}, ["t"])
    progress = [(event.value, event.maximum) for event in house.of(events.NodeProgressed) if event.node == "t"]
    assert progress == [(1, 2), (2, 2)]
