"""What flows through a workflow is what the editor says: both run the same cases."""

import pytest

from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.building.calls import Graph
from graph.building.stream_groups import find_stream_groups
from graph.document.workflow import Mode
from graph.files.folders import Files
from graph.node_types.generics import Binding
from graph.node_types.node_type import Input, Output
from graph.node_types.sockets import ANY
from graph.subworkflows.bypass import BypassResolver
from tests.support.case_types import cases_of, reference_of, registry_of, shown, workflow_of

FILE = cases_of("type-flow")
REGISTRY = registry_of(FILE["types"], FILE["converts"])


def built(case):
    workflow = workflow_of(case)
    active = [node_id for node_id, node in workflow.nodes.items() if node.mode is Mode.ACTIVE]
    return build(workflow, REGISTRY, Files(), active)


def outputs_of(graph: Graph) -> dict[str, tuple[Output, ...]]:
    """Of every call the outputs with the types that flow out of them."""
    known: dict[str, tuple[Output, ...]] = {}
    for node_id, call in graph.calls.items():
        arriving = {name: known[edge.node][edge.output] for name, edge in call.edges.items()}
        known[node_id] = Binding(call.type, arriving, call.literals).outputs(call.type)
    return known


@pytest.mark.parametrize("case", [case for case in FILE["cases"] if "carries" in case], ids=lambda case: case["name"])
def test_what_outputs_carry_is_what_the_cases_say(case):
    graph = built(case)
    known, streams = outputs_of(graph), find_stream_groups(graph)
    bypassed = BypassResolver(workflow_of(case).nodes, REGISTRY.get)
    found = {}
    for text in case["carries"]:
        at = reference_of(text)
        source = bypassed.resolve(graph.outputs.get(at.node, {}).get(at.output, at), Input("", ANY)).reference
        index = graph.calls[source.node].type.output_index[source.output]
        output = known[source.node][index]
        each = output.each or source.node in streams.of
        found[text] = shown(output, each=each)
    assert found == case["carries"]


@pytest.mark.parametrize("case", [case for case in FILE["cases"] if "refused" in case], ids=lambda case: case["name"])
def test_the_inputs_are_refused_that_the_cases_name(case):
    with pytest.raises(WorkflowError) as caught:
        built(case)
    assert [f"{problem.node}.{problem.socket}" for problem in caught.value.problems] == case["refused"]
    assert {problem.code for problem in caught.value.problems} == {"wrong_socket_type"}


@pytest.mark.parametrize("case", [case for case in FILE["cases"] if "hands_on" in case], ids=lambda case: case["name"])
def test_a_bypassed_node_hands_on_what_the_cases_say(case):
    nodes = workflow_of(case).nodes
    for text, expected in case["hands_on"].items():
        at = reference_of(text)
        without_others = {node_id: node for node_id, node in nodes.items() if node_id == at.node}
        found = BypassResolver(without_others, REGISTRY.get).resolve(at, Input("", ANY)).reference
        assert found == (None if expected is None else reference_of(expected)), text


def test_every_case_asks_something():
    assert all({"carries", "refused", "hands_on"} & case.keys() for case in FILE["cases"])
