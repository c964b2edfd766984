"""A graph that a node returned: what its nodes are called and given, what is refused, and how deep graphs may lie."""

from typing import NamedTuple

import pytest

from graph.api import NodeError
from graph.building.calls import Call
from graph.document.workflow import Node, Reference
from graph.files.folders import Files
from graph.node_types.expansion import MOST_DEPTH, Expand, Expansion
from graph.node_types.flow import GivenValue
from graph.running.expansion_graph import inner_graph
from tests.support.house import add
from tests.support.toys import toy_registry

REGISTRY = toy_registry()


def inner(expand, node_type="Add", depth=1):
    """The graph in the place of node `o`, and what gives its outputs."""
    call = Call("o", REGISTRY.get(node_type))
    return inner_graph(call, "o", depth, expand, REGISTRY, Files(), lambda value: repr(value).encode())


def test_inner_nodes_lie_below_the_outer_one_and_so_do_their_references():
    expansion = Expansion()
    one = expansion.add("Add", id="one")
    two = expansion.add("Add", id="two", in0=one["INT"])
    graph, outputs = inner(expansion.returns(two["INT"]))
    assert list(graph.calls) == ["o/one", "o/two"]
    assert graph.calls["o/two"].edges["in0"].node == "o/one"
    assert (graph.targets, outputs) == (("o/two",), (("o/two", 0),))


def test_an_output_has_its_place_instead_of_its_name():
    expansion = Expansion()
    split = expansion.add("Split", id="s", value=3)
    _, outputs = inner(expansion.returns(half=split["half"], whole=7), "Split")
    assert outputs == (GivenValue(7, b"7"), ("o/s", 1))


def test_where_only_values_are_given_out_nothing_runs():
    expansion = Expansion()
    expansion.add("Add", id="unused")
    assert inner(expansion.returns(7)) == (None, (GivenValue(7, b"7"),))


def test_what_has_a_side_effect_runs_though_nothing_of_it_is_given_out():
    expansion = Expansion()
    expansion.add("Keep", id="k", in0=expansion.add("Add", id="a")["INT"])
    expansion.add("Add", id="unused")
    graph, _ = inner(expansion.returns(7))
    assert (graph.targets, list(graph.calls)) == (("o/k",), ["o/a", "o/k"])


@pytest.mark.parametrize(
    ("node", "name", "value", "is_literal"),
    [
        ("Add", "number", 3, True),
        ("Text", "text", "word", True),
        ("Add", "in0", None, True),
        ("Any", "value", [1, 2], False),
        ("Any", "value", 3, True),
        ("Any", "value", b"3", False),
    ],
)
def test_what_could_be_written_counts_as_written_and_anything_else_as_given(node, name, value, is_literal):
    expansion = Expansion()
    output = REGISTRY.get(node).outputs[0].name
    graph, _ = inner(expansion.returns(expansion.add(node, id="n", **{name: value})[output]))
    call = graph.calls["o/n"]
    if is_literal:
        assert (call.literals[name], dict(call.given)) == (value, {})
    else:
        assert call.given[name].fingerprint == repr(value).encode()


@pytest.mark.parametrize(("depth", "is_refused"), [(MOST_DEPTH, False), (MOST_DEPTH + 1, True)])
def test_graphs_lie_inside_of_each_other_up_to_a_bound(depth, is_refused):
    if not is_refused:
        assert inner(Expansion().returns(7), depth=depth)[1]
        return
    with pytest.raises(NodeError, match="more than 1,000 deep") as caught:
        inner(Expansion().returns(7), depth=depth)
    assert caught.value.remedy


def test_endless_recursion_ends_with_an_error(house):
    def endless(value: int) -> int | Expand:
        inner = Expansion()
        return inner.returns(inner.add("Endless", value=value + 1)["INT"])

    house.add(endless, id="Endless")
    outcome = house.run({"e": Node("Endless", {"value": 1})}, ["e"])
    assert outcome.status == "failed"
    assert "more than 1,000 deep" in outcome.problems[0].message
    assert outcome.problems[0].node == "e"


def test_a_deep_recursion_that_ends_gives_its_value(house):
    def count_down(value: int) -> int | Expand:
        if value == 0:
            return 42
        inner = Expansion()
        return inner.returns(inner.add("CountDown", value=value - 1)["INT"])

    house.add(count_down, id="CountDown")
    assert house.run({"c": Node("CountDown", {"value": 900})}, ["c"]).values["c"] == {"INT": 42}


class Parts(NamedTuple):
    """Two outputs."""

    whole: int
    half: float


def run_expand(house, make, kind=int):
    """What comes of a node that returns the expansion that `make` makes."""

    def function(value: int = 0):
        return make(Expansion(), value)

    function.__annotations__["return"] = kind
    house.add(function, id="Outer")
    return house.run({"o": Node("Outer", {"value": 3})}, ["o"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda inner, _: Expand({}, {"0": Reference("nobody", "INT")}), "nobody"),
        (lambda inner, _: inner.returns(inner.add("Nonsense")["INT"]), "there is no node type 'Nonsense' here"),
        (lambda inner, _: inner.returns(inner.add("Add")["NONE"]), "has no output 'NONE' of o/0"),
        (lambda inner, _: inner.returns(inner.add("Add", nothing=1)["INT"]), "no input 'nothing'"),
        (lambda inner, _: inner.returns(inner.add("Add", number="many")["INT"]), "many"),
        (lambda inner, _: inner.returns(), "gives 0 instead of 1 outputs"),
        (lambda inner, _: inner.returns(1, 2), "gives 2 instead of 1 outputs"),
        (lambda inner, _: inner.returns(other=1), "gives no output 'INT'"),
        (lambda inner, _: inner.returns("text"), "the node returned"),
        (lambda inner, _: inner.returns(inner.add("Text", text="text")["STRING"]), "the node returned"),
        (lambda inner, _: Expand({"a": add("a", Reference("a", "INT"))}, {"0": Reference("a", "INT")}), "in a circle"),
    ],
    ids=[
        "an unknown node", "an unknown type", "an unknown output", "an unknown input", "a wrong literal", "no outputs",
        "too many outputs", "another name", "a plain value of another type", "a value of another type", "a circle",
    ],
)  # fmt: skip
def test_an_expansion_that_cannot_run_is_the_fault_of_its_node(house, make, message):
    outcome = run_expand(house, make)
    assert outcome.status == "failed"
    (problem,) = outcome.problems
    assert problem.node == "o"
    assert message in problem.message
    assert problem.remedy


def test_outputs_find_their_places_by_name(house):
    def make(inner, value):
        split = inner.add("Split", value=value)
        return inner.returns(half=split["half"], whole=split["whole"])

    assert run_expand(house, make, Parts).values["o"] == {"whole": 3, "half": 1.5}
