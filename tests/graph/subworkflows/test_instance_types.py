"""What a sub-workflow looks like from outside."""

import pytest

from graph.document.workflow import Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput
from graph.node_types.node_type import REQUIRED
from graph.subworkflows.instance_types import interface, type_of
from tests.support.case_types import cases_of, registry_of, shown, workflow_of
from tests.support.toys import toy_registry

REGISTRY = toy_registry()
INNER = Subworkflow(
    {"1": Node("Limited", {"steps": 7}), "2": Node("Any"), "3": Node("Seeded", {"seed": Reference("1", "FLOAT")})},
    title="Inner",
    description="What it does.",
    inputs=(
        SubworkflowInput("steps", (("1", "steps"), ("2", "value")), "How many"),
        SubworkflowInput("anything", (("2", "value"),)),
        SubworkflowInput("seed", (("3", "seed"),)),
        SubworkflowInput("nowhere"),
        SubworkflowInput("gone", (("9", "x"),)),
        SubworkflowInput("wrong", (("1", "x"),)),
    ),
    outputs=(
        SubworkflowOutput("number", Reference("1", "FLOAT")),
        SubworkflowOutput("gone", Reference("9", "x")),
        SubworkflowOutput("w", Reference("1", "x")),
    ),
)
OUTER = Subworkflow(
    {"a": Node("@inner", {"steps": 3})},
    inputs=(SubworkflowInput("n", (("a", "steps"),)), SubworkflowInput("m", (("a", "missing"),))),
    outputs=(SubworkflowOutput("out", Reference("a", "number")), SubworkflowOutput("no", Reference("a", "missing"))),
)
CIRCLE = Subworkflow(
    {"a": Node("@circle")},
    inputs=(SubworkflowInput("n", (("a", "n"),)),),
    outputs=(SubworkflowOutput("o", Reference("a", "o")),),
)
DEFINITIONS = {"inner": INNER, "outer": OUTER, "circle": CIRCLE}


def sockets(name):
    found = interface(name, DEFINITIONS, REGISTRY)
    return {item.name: item.type.name for item in found.inputs}, {item.name: item.type.name for item in found.outputs}


def test_its_sockets_have_the_types_of_those_inside():
    inputs, outputs = sockets("inner")
    assert inputs == {"steps": "INT", "anything": "*", "seed": "INT", "nowhere": "*", "gone": "*", "wrong": "*"}
    assert outputs == {"number": "FLOAT", "gone": "*", "w": "*"}


def test_an_input_takes_widget_and_default_from_inside_and_its_title_from_the_definition():
    found = interface("inner", DEFINITIONS, REGISTRY)
    assert (found.id, found.title, found.help) == ("@inner", "Inner", "What it does.")
    steps = found.by_name["steps"]
    assert (steps.widget.min, steps.widget.max, steps.default, steps.title) == (1, 10, 7, "How many")
    assert found.by_name["seed"].widget.kind == "seed"
    assert found.by_name["seed"].default == REGISTRY.get("Seeded").by_name["seed"].default, "not a reference"


def test_sockets_lead_through_instances_inside():
    assert sockets("outer") == ({"n": "INT", "m": "*"}, {"out": "FLOAT", "no": "*"})


@pytest.mark.parametrize(("name", "default"), [("outer", 3), ("outermost", 3), ("fed", 7)])
def test_what_an_instance_inside_is_given_is_the_default(name, default):
    known = REGISTRY.get("Limited").by_name["steps"].default
    fed = Subworkflow({"0": Node("Add"), "a": Node("@inner", {"steps": Reference("0", "INT")})}, inputs=OUTER.inputs)
    outermost = Subworkflow({"o": Node("@outer")}, inputs=(SubworkflowInput("n", (("o", "n"),)),))
    found = interface(name, {**DEFINITIONS, "fed": fed, "outermost": outermost}, REGISTRY)
    assert found.by_name["n"].default == (known if name == "fed" else default)


def test_a_circle_leads_nowhere():
    assert sockets("circle") == ({"n": "*"}, {"o": "*"})


@pytest.mark.parametrize(
    ("name", "found"), [("@inner", "@inner"), ("Add", "Add"), ("@gone", None), ("Gone", None), ("inner", None)]
)
def test_a_type_is_looked_up_among_nodes_and_subworkflows(name, found):
    node_type = type_of(name, DEFINITIONS, REGISTRY)
    assert (node_type and node_type.id) == found


def test_it_is_not_called():
    with pytest.raises(RuntimeError, match="inlined"):
        interface("inner", DEFINITIONS, REGISTRY).function()


FILE = cases_of("instance-types")


def described(item):
    """An input as the cases write it."""
    shown = {"name": item.name, "type": item.type.name + ("[]" if item.collects else ""), "title": item.title}
    default = {} if item.default is REQUIRED or item.default is None else {"default": item.default}
    return {**shown, **default, **({"widget": item.widget.kind} if item.widget else {})}


@pytest.mark.parametrize("case", FILE["cases"], ids=lambda case: case["name"])
def test_the_sockets_of_an_instance_are_those_of_the_cases_which_the_editor_runs_too(case):
    definitions = workflow_of({"nodes": [], **case}).subworkflows
    found = interface(case["of"], definitions, registry_of(FILE["types"], FILE["converts"]))
    assert [described(item) for item in found.inputs] == case["inputs"]
    outputs = [{"name": item.name, "type": shown(item, each=item.each)} for item in found.outputs]
    assert outputs == case["outputs"]
    assert not any(item.label.advanced for item in found.inputs)
