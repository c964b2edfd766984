"""A graph that a node returned, made ready to run in the node's place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from graph.base.errors import NodeError, WorkflowError
from graph.building.build import build
from graph.building.calls import Call, Graph
from graph.document.workflow import Node, Reference, Workflow
from graph.files.folders import Files
from graph.node_types.body import Body, has_effect
from graph.node_types.expansion import MOST_DEPTH, Expand
from graph.node_types.flow import GivenValue
from graph.node_types.node_type import Input, NodeType
from graph.node_types.registry import Registry
from graph.node_types.value_checks import can_be_written
from graph.results.result import Fingerprint

_LITERALS = (str, int, float, bool, type(None), Body)
_MEND = "correct the node's code"
FingerprintOf = Callable[[Any], Fingerprint | None]


def inner_graph(
    call: Call, place: str, depth: int, expand: Expand, registry: Registry, files: Files, fingerprint_of: FingerprintOf
) -> tuple[Graph | None, tuple[Any, ...]]:
    """The graph (None when it has nothing to run), and for each output of the node a `Reference` into it or a `Given`.

    Its nodes are called `outer/inner`. Raises `NodeError` for an expansion that cannot run in the node's place.
    """
    if depth > MOST_DEPTH:
        message = f"graphs expand inside of each other more than {MOST_DEPTH:,} deep"
        raise NodeError(message, remedy="make the recursion end, or use a loop over a list")
    nodes = {f"{place}/{name}": _placed(node, place, registry, fingerprint_of) for name, node in expand.nodes.items()}
    outputs = tuple(_output(value, place, fingerprint_of) for value in _in_order(expand.outputs, call.type))
    targets = dict.fromkeys(found.node for found in outputs if isinstance(found, Reference))
    targets.update(dict.fromkeys(name for name, node in nodes.items() if has_effect(node, registry.get(node.type))))
    if not targets:
        return None, outputs
    try:
        graph = build(Workflow(nodes), registry, files, targets)
    except WorkflowError as error:
        first = error.problems[0]
        there = replace(first, node=first.node.removeprefix(f"{place}/"), remedy="")
        raise NodeError(f"the graph that it expands to cannot run: {there}", remedy=first.remedy or _MEND) from error
    return graph, tuple(_checked(found, graph) for found in outputs)


def _placed(node: Node, place: str, registry: Registry, fingerprint_of: FingerprintOf) -> Node:
    node_type = registry.get(node.type)
    known = node_type.by_name if node_type else {}
    return node.with_inputs(
        {name: _input(value, known.get(name), place, fingerprint_of) for name, value in node.inputs.items()}
    )


def _input(value: Any, item: Input | None, place: str, fingerprint_of: FingerprintOf) -> Any:
    """What an input is given: a value where one can be written counts as written, any other as one off an edge."""
    if isinstance(value, Reference):
        return Reference(f"{place}/{value.node}", value.output)
    written = isinstance(value, _LITERALS) and (value is None or item is None or can_be_written(item))
    return value if written else GivenValue(value, fingerprint_of(value))


def _in_order(outputs: Mapping[str, Any], node_type: NodeType) -> Iterable[Any]:
    if len(outputs) != len(node_type.outputs):
        message = f"the graph that it expands to gives {len(outputs)} instead of {len(node_type.outputs)} outputs"
        raise NodeError(message, remedy=_MEND)
    for index, output in enumerate(node_type.outputs):
        if output.name not in outputs and str(index) not in outputs:
            raise NodeError(f"the graph that it expands to gives no output {output.name!r}", remedy=_MEND)
        yield outputs.get(output.name, outputs.get(str(index)))


def _output(value: Any, place: str, fingerprint_of: FingerprintOf) -> Any:
    if isinstance(value, Reference):
        return Reference(f"{place}/{value.node}", value.output)
    return GivenValue(value, fingerprint_of(value))


def _checked(found: Any, graph: Graph) -> Any:
    """A reference with the place of its output instead of the name."""
    if isinstance(found, GivenValue):
        return found
    call = graph.calls.get(found.node)
    if call is None or found.output not in call.type.output_index:
        raise NodeError(f"the graph that it expands to has no output {found.output!r} of {found.node}", remedy=_MEND)
    return found.node, call.type.output_index[found.output]
