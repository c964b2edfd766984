"""Which input a bypassed node passes through: for each output, one of its connected inputs.

The input at the same position if its type fits; else the first with exactly that type; else the first that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graph.document.workflow import Mode, Node, Reference
from graph.node_types.node_type import Input, NodeType
from graph.node_types.sockets import SocketType, can_connect


@dataclass(frozen=True, slots=True)
class BypassResult:
    """Where a reference leads behind bypassed nodes."""

    reference: Reference | None
    """None when it leads nowhere."""
    last: str = ""
    """The bypassed node at which it ends in that case."""
    circle: tuple[str, ...] = ()
    """The path, if it is a cycle."""


class BypassResolver:
    """Follows references through bypassed nodes. Paths are cached."""

    def __init__(self, nodes: Mapping[str, Node], type_of: Callable[[str], NodeType | None]) -> None:
        self._nodes = nodes
        self._type_of = type_of
        self._types: dict[str, NodeType | None] = {}
        self._known: dict[tuple[str, str, SocketType], BypassResult] = {}

    def is_bypassed(self, reference: Reference) -> bool:
        """Return whether a reference names an output of a bypassed node."""
        node = self._nodes.get(reference.node)
        return node is not None and node.mode is Mode.BYPASSED

    def resolve(self, reference: Reference, item: Input) -> BypassResult:
        """Return where a reference leads that feeds an input."""
        way: dict[str, Reference] = {}
        found: BypassResult | None = None
        while found is None and self.is_bypassed(reference):
            if reference.node in way:
                return BypassResult(None, reference.node, (*way, reference.node))
            found = self._known.get((reference.node, reference.output, item.type))
            if found is None:
                way[reference.node] = reference
                node = self._nodes[reference.node]
                node_type = self._type(node.type)
                following = bypass_source(node, node_type, reference.output, item) if node_type else None
                found = BypassResult(None, reference.node) if following is None else None
                reference = following or reference
        found = found or BypassResult(reference)
        self._known.update({(each.node, each.output, item.type): found for each in way.values()})
        return found

    def _type(self, name: str) -> NodeType | None:
        if name not in self._types:
            self._types[name] = self._type_of(name)
        return self._types[name]


def bypass_source(node: Node, node_type: NodeType, output: str, item: Input) -> Reference | None:
    """Return the reference that a bypassed node passes through to the reader of an output; None if nothing fits."""
    index = node_type.output_index.get(output)
    if index is None:
        return None
    given = node_type.outputs[index].type
    connected = {
        each.name: ref for each in node_type.inputs if isinstance(ref := node.inputs.get(each.name), Reference)
    }
    fitting = [
        each
        for each in node_type.inputs
        if each.name in connected
        and each.type.generic == given.generic
        and can_connect(each.type, given).ok
        and can_connect(each.type, item.type).ok
    ]
    same_place = [each for each in fitting if node_type.inputs.index(each) == index]
    exact = [each for each in fitting if each.type.name == given.name]
    chosen = next(iter([*same_place, *exact, *fitting]), None)
    return connected[chosen.name] if chosen else None
