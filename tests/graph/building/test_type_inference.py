"""What flows through a workflow is what the editor says: both run the same cases."""

from typing import Any

import pytest

from graph.base.errors import Problem, WorkflowError
from graph.building.build import build
from graph.building.calls import Call, Edge, Graph
from graph.building.problems import EdgeProblem, NodeLocation
from graph.building.stream_groups import find_stream_groups
from graph.building.type_inference import follow_types
from graph.document.workflow import Mode
from graph.files.folders import Files
from graph.node_types.generics import Binding
from graph.node_types.node_type import Input, NodeType, Output
from graph.node_types.sockets import ANY, FLOAT, INT, STRING, SocketType, generic
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


IMAGE = SocketType("IMAGE")
MASK = SocketType("MASK", converts={"IMAGE": lambda image: image})
T = generic("T")


def node_type(name: str, inputs: list[Input], outputs: list[Output]) -> NodeType:
    return NodeType(name, name, "test", "", tuple(inputs), tuple(outputs), function=lambda: None)


PASS = node_type("Pass", [Input("value", T)], [Output("VALUE", T)])
EITHER = node_type("Either", [Input("a", T), Input("b", T)], [Output("VALUE", T)])


def giving(socket: SocketType, **options: Any) -> NodeType:
    return node_type(f"Give{socket.name}", [], [Output(socket.name, socket, **options)])


def taking(socket: SocketType, **options: Any) -> NodeType:
    return node_type(f"Take{socket.name}", [Input("value", socket, **options)], [])


def infer(*types: NodeType) -> tuple[dict[str, Call], list[Problem]]:
    """A chain of some nodes, each fed by the one before."""
    calls: dict[str, Call] = {}
    for number, each in enumerate(types):
        edges = {"value": Edge(str(number - 1), 0)} if number else {}
        calls[str(number)] = Call(str(number), each, edges=edges)
    waiting = {node_id: ["value"] for node_id, call in calls.items() if call.edges}
    return calls, follow_types(calls, waiting, calls, lambda node: NodeLocation(node, calls[node].type.id))


def test_what_fits_at_the_end_of_a_long_chain_is_no_problem() -> None:
    calls, problems = infer(giving(IMAGE), *[PASS] * 50, taking(IMAGE))
    assert problems == []
    assert calls["51"].edges["value"].convert is None


def test_what_does_not_fit_is_told_at_the_reader_with_what_really_flows() -> None:
    _, (problem,) = infer(giving(IMAGE), PASS, PASS, taking(INT))
    assert isinstance(problem, EdgeProblem)
    assert (problem.code, problem.node, problem.socket) == ("wrong_socket_type", "3", "value")
    assert (problem.expected, problem.got, problem.source) == ("INT", "IMAGE", "2")


def test_what_is_converted_behind_a_node_that_passes_on_gets_its_conversion() -> None:
    calls, problems = infer(giving(IMAGE), PASS, taking(MASK))
    assert problems == []
    edge = calls["2"].edges["value"]
    assert edge.convert is not None
    assert edge.of == "IMAGE"


def test_a_list_stays_one_on_its_way() -> None:
    calls, problems = infer(giving(INT, is_list=True), PASS, taking(INT, collects=True))
    assert problems == []
    assert calls["2"].edges["value"].is_list


@pytest.mark.parametrize(("first", "second", "clashes"), [(INT, INT, 0), (IMAGE, STRING, 1)])
def test_two_inputs_of_one_type_take_one_type(first: SocketType, second: SocketType, clashes: int) -> None:
    calls = {
        "a": Call("a", giving(first)),
        "b": Call("b", giving(second)),
        "e": Call("e", EITHER, edges={"a": Edge("a", 0), "b": Edge("b", 0)}),
    }
    found = follow_types(calls, {"e": ["a", "b"]}, calls, lambda node: NodeLocation(node, calls[node].type.id))
    assert len(found) == clashes
    assert all("inputs a and b are of one type" in problem.message for problem in found)


def test_nodes_that_are_not_waiting_are_left_alone() -> None:
    calls = {"a": Call("a", giving(FLOAT)), "b": Call("b", taking(STRING), edges={"value": Edge("a", 0)})}
    assert follow_types(calls, {}, calls, lambda node: NodeLocation(node, "")) == []
