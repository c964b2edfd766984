"""The order, cycles and sizes of nested sub-workflows.

Computed from the definitions alone, in time linear in the file, before anything is inlined. So a file of a few
kilobytes that would expand to a billion nodes costs no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from graph.base.topological_order import topological_order
from graph.document.workflow import INSTANCE, Mode, Node, Subworkflow, Workflow
from graph.node_types.body import BODY
from graph.node_types.registry import Registry

MAX_NODES = 100_000
"""The most nodes of a flat document."""
MAX_NESTING = 100
"""How deep definitions may be nested."""
_BEYOND = 10**12
"""Larger numbers are not counted: numbers that double with every definition would take memory themselves."""


@dataclass(frozen=True, slots=True)
class Size:
    """The size after inlining: nodes, their inputs, characters of their ids, levels."""

    nodes: int = 0
    inputs: int = 0
    letters: int = 0
    levels: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(
            self.nodes + other.nodes,
            self.inputs + other.inputs,
            self.letters + other.letters,
            max(self.levels, other.levels),
        )

    def fits(self) -> bool:
        """Return whether it may be inlined."""
        within = self.nodes <= MAX_NODES and self.inputs <= 10 * MAX_NODES and self.letters <= 200 * MAX_NODES
        return within and self.levels <= MAX_NESTING


@dataclass(frozen=True, slots=True)
class Nesting:
    """The nesting of the definitions of a document."""

    order: tuple[str, ...]
    """Definitions that can be inlined, each after all that are nested in it."""
    circles: tuple[str, ...]
    """Each cycle in words: `a -> b -> a`. Definitions in a cycle, or containing one, are not in `order`."""
    bodies: Mapping[str, frozenset[str]]
    """Definition -> its inputs that take a sub-workflow."""
    sizes: Mapping[str, Size]


def is_instance(node: Node) -> bool:
    """Return whether a node is an active instance of a sub-workflow.

    Muted and bypassed instances are treated like any muted or bypassed node; their inner nodes do not matter.
    """
    return node.type.startswith(INSTANCE) and node.mode is Mode.ACTIVE


def find_nesting(workflow: Workflow, registry: Registry) -> Nesting:
    """Examine all definitions of a document."""
    definitions = workflow.subworkflows
    parts = {
        name: [
            inner for node in each.nodes.values() if is_instance(node) and (inner := node.type[1:]) in definitions
        ]
        for name, each in definitions.items()
    }  # fmt: skip
    order, circles = topological_order(parts)
    bodies: dict[str, frozenset[str]] = {}
    for name in order:
        bodies[name] = _body_inputs(workflow, name, bodies, registry)
    for name in order:
        for node in definitions[name].nodes.values():
            parts[name] += bodies_of(node, bodies, registry, definitions)
    order, circles = topological_order(parts)
    sizes: dict[str, Size] = {}
    for name in order:
        sizes[name] = _size_of_definition(definitions[name], sizes)
    return Nesting(tuple(order), tuple(" -> ".join([*path, path[0]]) for path in circles), bodies, sizes)


def bodies_of(
    node: Node, bodies: Mapping[str, Iterable[str]], registry: Registry, definitions: Iterable[str]
) -> list[str]:
    """Return the sub-workflows that a node receives as values."""
    found = [node.inputs.get(name) for name in body_sockets(node, bodies, registry)]
    return [value for value in found if isinstance(value, str) and value in definitions]


def body_sockets(node: Node, bodies: Mapping[str, Iterable[str]], registry: Registry) -> Iterable[str]:
    """Return the inputs of a node that take a sub-workflow."""
    if is_instance(node):
        return bodies.get(node.type[1:], ())
    node_type = registry.get(node.type)
    return [item.name for item in node_type.inputs if item.type is BODY] if node_type else ()


def size_of(nodes: Mapping[str, Node], sizes: Mapping[str, Size]) -> Size:
    """Return the size of some nodes; an instance counts as a node, too."""
    inputs = letters = levels = 0
    count = len(nodes)
    for node_id, node in nodes.items():
        inputs += len(node.inputs)
        letters += len(node_id)
        inner = sizes.get(node.type[1:]) if is_instance(node) else None
        if inner is not None:
            count += inner.nodes
            inputs += inner.inputs
            letters += inner.letters + inner.nodes * (len(node_id) + 1)
            levels = max(levels, inner.levels)
    return Size(*(min(each, _BEYOND) for each in (count, inputs, letters, levels)))


def _size_of_definition(definition: Subworkflow, sizes: Mapping[str, Size]) -> Size:
    inside = size_of(definition.nodes, sizes)
    return replace(
        inside, inputs=inside.inputs + sum(len(item.to) for item in definition.inputs), levels=inside.levels + 1
    )


def _body_inputs(
    workflow: Workflow, name: str, bodies: Mapping[str, frozenset[str]], registry: Registry
) -> frozenset[str]:
    definition = workflow.subworkflows[name]
    return frozenset(
        item.name
        for item in definition.inputs
        for node_id, socket in item.to
        if (node := definition.nodes.get(node_id)) and socket in body_sockets(node, bodies, registry)
    )
