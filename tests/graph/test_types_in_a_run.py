"""What `can_feed` says of two sockets is what a run does: nothing is accepted that it refuses, and the other way round.

Drawn: what an output gives and what an input takes, and what lies between them: reroutes, the boundary of a
sub-workflow, nothing.
"""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.api import ANY, Each, Lazy, Registry, SocketType, node
from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.document.workflow import Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput, Workflow
from graph.engine import Engine
from graph.files.folders import Files
from graph.node_types.compatibility import can_feed
from graph.node_types.sockets import can_connect, describe_value
from nodes.choosing import reroute
from tests.support.examples import examples


def kind(letter: str, **converts: Any) -> SocketType:
    """A type whose values are texts that begin with its letter."""
    fits = f"{letter} ".__eq__
    check = lambda value: "" if isinstance(value, str) and fits(value[:2]) else describe_value(value)  # noqa: E731
    return SocketType(letter.upper(), check, f"a text of sort {letter}", converts)


A = Annotated[str, kind("a", B=lambda value: f"a of {value}")]
B = Annotated[str, kind("b")]
C = Annotated[str, kind("c", A=lambda value: f"c of {value}", B=lambda value: f"c of {value}")]
SAMPLES: dict[str, list[object]] = {
    "A": ["a 1"], "B": ["b 1"], "C": ["c 1"], "INT": [7], "FLOAT": [0.5], "STRING": ["text"], "BOOLEAN": [True],
}  # fmt: skip
PLAIN = {"A": A, "B": B, "C": C, "INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}
NAMES = st.lists(st.sampled_from(sorted(PLAIN)), min_size=1, max_size=3, unique=True)


def annotation(names: list[str]) -> Any:
    """The annotation of a union, or of a plain type."""
    found = PLAIN[names[0]]
    for name in names[1:]:
        found = found | PLAIN[name]
    return found


@st.composite
def outputs(draw):
    """An output annotation, and what a node that has it returns."""
    names = draw(NAMES)
    value = draw(st.sampled_from([value for name in names for value in SAMPLES[name]]))
    hint = draw(st.sampled_from([annotation(names), Any]))
    wrapped = draw(st.sampled_from(["one", "list", "each", "each list"]))
    if "list" in wrapped:
        hint, value = list[hint], [value, value]
    return (Each[hint], [value, value]) if "each" in wrapped else (hint, value)


@st.composite
def inputs(draw):
    """An input annotation."""
    hint = draw(st.one_of(NAMES.map(annotation), st.just(Any)))
    hint = draw(st.sampled_from([hint, list[hint]]))
    hint = draw(st.sampled_from([hint, Lazy[hint]]))
    return draw(st.sampled_from([hint, hint | None]))


def registry_of(gives: Any, value: object, takes: Any, arrived: list[object]) -> Registry:
    def give() -> Any:
        """Give something."""
        return value

    def take(value: Any) -> str:
        """Take something."""
        arrived.append(value.get() if isinstance(value, Lazy) else value)
        return "taken"

    give.__annotations__["return"] = gives
    take.__annotations__["value"] = takes
    found = Registry()
    for each in (node("Give", category="test")(give), node("Take", category="test")(take), reroute):
        found.add(each.__node_type__)  # type: ignore[attr-defined]
    return found


def workflow_of(between: str, output: str) -> Workflow:
    nodes = {"give": Node("Give"), "end": Node("Take", {"value": Reference("give", output)})}
    if between == "reroutes":
        nodes["r"] = Node("Reroute", {"value": Reference("give", output)})
        nodes["s"] = Node("Reroute", {"value": Reference("r", "output")})
        nodes["end"] = Node("Take", {"value": Reference("s", "output")})
        return Workflow(nodes)
    if between == "boundary":
        giving = Subworkflow({"1": Node("Give")}, outputs=(SubworkflowOutput("out", Reference("1", output)),))
        taking = Subworkflow(
            {"1": Node("Take")},
            inputs=(SubworkflowInput("in", (("1", "value"),)),),
            outputs=(SubworkflowOutput("o", Reference("1", "STRING")),),
        )
        nodes = {"give": Node("@giving"), "end": Node("@taking", {"in": Reference("give", "out")})}
        return Workflow(nodes, subworkflows={"giving": giving, "taking": taking})
    return Workflow(nodes)


@examples(200)
@given(outputs(), inputs(), st.sampled_from(["nothing", "reroutes", "boundary"]))
def test_what_may_be_connected_can_be_built_and_nothing_else(gives, takes, between):
    registry = registry_of(*gives, takes, [])
    output, item = registry.get("Give").outputs[0], registry.get("Take").inputs[0]
    fit = can_feed(output, item)
    try:
        build(workflow_of(between, output.name), registry, Files(), ["end"])
        accepted = True
    except WorkflowError as error:
        accepted = False
        (problem,) = error.problems
        assert problem.code == "wrong_socket_type"
        assert (problem.node, problem.socket) == ("end", "in" if between == "boundary" else "value")
        assert problem.message == fit.reason
        assert problem.expected
        assert problem.got
        assert problem.remedy
    assert accepted is fit.ok


@examples(80)
@given(outputs(), inputs(), st.sampled_from(["nothing", "reroutes", "boundary"]))
def test_what_was_connected_runs_with_what_fits_or_says_which_value_does_not(gives, takes, between):
    arrived: list[object] = []
    registry = registry_of(*gives, takes, arrived)
    output, item = registry.get("Give").outputs[0], registry.get("Take").inputs[0]
    if not can_feed(output, item).ok:
        return
    with Engine(registry, Files()) as engine:
        outcome = engine.run(workflow_of(between, output.name), ["end"])
    came = gives[1][0] if output.each else gives[1]
    could_be = members_of(output.type, came[0] if output.is_list else came)
    fits = {can_connect(member, item.type).ok for member in could_be}
    if outcome.status == "finished":
        assert fits != {False}
        assert arrived
        for value in arrived:
            for each in value if item.collects else [value]:
                item.type.enforce(each)
        return
    assert fits != {True} or output.type.name == "*", (
        "only where a type leaves open what comes, a value may turn out not to fit"
    )
    for problem in outcome.problems:
        assert (problem.node, problem.socket) == ("end", "in" if between == "boundary" else "value")
        assert "expected" in problem.message
        assert "got" in problem.message
        assert problem.remedy


def members_of(gives: SocketType, value: object) -> list[SocketType]:
    """The types that a value may be of, as far as its output tells: `Any` may be anything."""
    members = gives.members or (gives,)
    return [ANY] if gives.name == "*" else [each for each in members if not each.check(value)]


Parts = Annotated[list[Any], SocketType("PARTS", lambda value: "" if isinstance(value, list) else "no list")]
OtherParts = Annotated[list[Any], SocketType("OTHER_PARTS")]
Taken = Annotated[str, SocketType("TAKEN", None, "", {"PARTS": lambda _: "parts", "OTHER_PARTS": lambda _: "others"})]


@pytest.fixture
def house():
    def parts() -> Parts:
        """One thing that is a list."""
        return [1, 2]

    def other_parts() -> OtherParts:
        """One thing of another type, with the same content."""
        return [1, 2]

    def numbers() -> list[int]:
        """A list of two things."""
        return [1, 2]

    def count(items: list[Any]) -> int:
        """How many there are."""
        return len(items)

    def taken(thing: Taken) -> str:
        """What came."""
        return thing

    registry = Registry()
    for function in (parts, other_parts, numbers, count, taken):
        registry.add(node(function.__name__, category="test")(function).__node_type__)
    with Engine(registry, Files()) as engine:
        yield engine


def result(engine, kind, output, end, socket):
    nodes = {"1": Node(kind), "end": Node(end, {socket: Reference("1", output)})}
    (value,) = engine.run(Workflow(nodes), ["end"]).values["end"].values()
    return value


def test_one_thing_that_is_a_list_is_one_item_and_is_not_taken_for_a_list_of_the_same_things(house):
    assert result(house, "parts", "PARTS", "count", "items") == 1
    assert result(house, "numbers", "INT", "count", "items") == 2
    assert result(house, "parts", "PARTS", "count", "items") == 1


def test_equal_values_of_two_types_that_are_converted_in_two_ways_are_told_apart(house):
    assert result(house, "parts", "PARTS", "taken", "thing") == "parts"
    assert result(house, "other_parts", "OTHER_PARTS", "taken", "thing") == "others"
