"""Whether a node may have some inputs, and the types of its outputs then: the engine's own checks, for one node.

They hold at the line of a script that sets an input. What only the whole graph shows (cycles, streams, words in file
names, the insides of sub-workflows) is found when it is checked or run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from graph.base.errors import Problem, WorkflowError
from graph.building import problems
from graph.building.problems import NodeLocation
from graph.building.source_map import visible
from graph.document.workflow import Node, Reference, Workflow
from graph.files.folders import Files
from graph.node_types.body import BODY
from graph.node_types.flow import GivenValue
from graph.node_types.generics import Binding
from graph.node_types.node_type import REQUIRED, Input, NodeType, Output
from graph.node_types.registry import Registry
from graph.node_types.value_checks import Refusal, admit, admit_literal

OutputsOf = Callable[[str], tuple[Output, ...] | None]
"""The outputs of a node, with the types that flow through it; None where its type is unknown."""
TypeOf = Callable[[str], NodeType | None]


def output_types(node: Node, node_type: NodeType, outputs_of: OutputsOf) -> tuple[Output, ...]:
    """Return the outputs of a node with the types that flow through it."""
    if not node_type.generic:
        return node_type.outputs
    return Binding(node_type, _arriving(node, node_type, outputs_of), node.inputs).outputs(node_type)


def check_inputs(
    node_id: str,
    workflow: Workflow,
    type_of: TypeOf,
    outputs_of: OutputsOf,
    registry: Registry,
    files: Files,
    only: Collection[str] | None = None,
) -> None:
    """Raise `WorkflowError` for what is wrong with the inputs of a node; with `only`, for what is wrong with those."""
    node, node_type = workflow.nodes[node_id], type_of(node_id)
    if node_type is None:
        return
    at = NodeLocation(node_id, node.type)
    words = bool(node_type.named)
    found: list[Problem] = [
        problems.unknown_input(at, name, node_type.by_name)
        for name in node.inputs
        if name not in node_type.by_name and not (words and name.startswith("%"))
    ]
    for item in node_type.inputs:
        problem = _wrong(item, node, at, workflow, type_of, registry, files)
        if problem is not None:
            found.append(problem)
    found += _wrong_edges(node, at, node_type, outputs_of, workflow)
    found = [visible(problem, workflow) for problem in found if only is None or problem.socket in only]
    if found:
        raise WorkflowError(list(dict.fromkeys(found)))


def _wrong(
    item: Input, node: Node, at: NodeLocation, workflow: Workflow, type_of: TypeOf, registry: Registry, files: Files
) -> Problem | None:
    value = node.inputs.get(item.name, item.default)
    if isinstance(value, Reference):
        if value.node not in workflow.nodes:
            return problems.dangling(at, item, value)
        source = type_of(value.node)
        known = source is None or value.output in source.output_index
        return None if known or source is None else problems.unknown_output(at, item, value, source)
    if value is REQUIRED or (value is None and not item.optional and item.type.name != "*"):
        return problems.missing_input(at, item, registry)
    if item.type is BODY and isinstance(value, str):
        return None  # the id of a sub-workflow
    if isinstance(value, GivenValue):
        admitted = admit(item, _converted(value.value, item, registry), files)
    else:
        admitted = admit_literal(item, value, files)
    return problems.refused(at, item, admitted) if isinstance(admitted, Refusal) else None


def _converted(value: object, item: Input, registry: Registry) -> object:
    if item.collects and isinstance(value, list):
        return [registry.convert(each, item.type) for each in value]
    return value if value is None and item.optional else registry.convert(value, item.type)


def _wrong_edges(
    node: Node, at: NodeLocation, node_type: NodeType, outputs_of: OutputsOf, workflow: Workflow
) -> list[Problem]:
    arriving = _arriving(node, node_type, outputs_of)
    sources = {
        name: NodeLocation(value.node, workflow.nodes[value.node].type)
        for name in arriving
        if isinstance(value := node.inputs[name], Reference)
    }
    binding = Binding(node_type, arriving, node.inputs)
    found: list[Problem] = [
        problems.clash_of_types(at, clash, sources[clash.input]) for clash in binding.clashes if clash.input in sources
    ]
    for name, output in arriving.items():
        item, fit = node_type.by_name[name], binding.fit(output, node_type.by_name[name])
        if not fit.ok:
            found.append(problems.wrong_edge(at, item, sources[name], output, fit))
    return found


def _arriving(node: Node, node_type: NodeType, outputs_of: OutputsOf) -> dict[str, Output]:
    """Return for each connected input, by name, the output that feeds it, where it is known."""
    found: dict[str, Output] = {}
    for name, value in node.inputs.items():
        if name not in node_type.by_name or not isinstance(value, Reference):
            continue
        output = next((each for each in outputs_of(value.node) or () if each.name == value.output), None)
        if output is not None:
            found[name] = output
    return found
