"""Removes bypassed nodes inside a body, whose inputs are not connected yet.

What a bypassed node passes through goes directly to its readers: an edge to the node behind it, another target of an
input of the body, or an output. An optional input for which it has nothing is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graph.document.workflow import INSIDE, Mode, Node, Reference
from graph.node_types.node_type import REQUIRED, Input, NodeType
from graph.node_types.sockets import ANY
from graph.subworkflows.bypass import BypassResolver

Places = tuple[tuple[str, str], ...]
_OUTSIDE = INSIDE
"""No node has this id: a reference to it means an input of the body."""


def step_through(
    nodes: dict[str, Node],
    inputs: Mapping[str, Places],
    outputs: Mapping[str, Reference],
    type_of: Callable[[str], NodeType | None],
) -> tuple[dict[str, Node], dict[str, Places], dict[str, Reference], dict[str, str]]:
    """Return nodes, inputs and outputs of a body in which active nodes read no bypassed node, as far as possible.

    Also returns the outputs that pass an input through. Bypassed nodes themselves stay, and so do references to those
    that have nothing to pass through.
    """
    if all(node.mode is not Mode.BYPASSED for node in nodes.values()):
        return nodes, dict(inputs), dict(outputs), {}
    alone, fed = BypassResolver(nodes, type_of), BypassResolver(_fed_from_outside(nodes, inputs), type_of)
    changed = dict(nodes)
    places = {name: list(to) for name, to in inputs.items()}
    for node_id, node in nodes.items():
        node_type = type_of(node.type) if node.mode is Mode.ACTIVE else None
        for item in node_type.inputs if node_type else ():
            reference = node.inputs.get(item.name)
            if not isinstance(reference, Reference) or not alone.is_bypassed(reference):
                continue
            outside, inside = fed.resolve(reference, item).reference, alone.resolve(reference, item).reference
            kept = {**changed[node_id].inputs}
            if outside is not None and outside.node == _OUTSIDE:
                places[outside.output].append((node_id, item.name))
                del kept[item.name]
            if inside is not None:
                kept[item.name] = inside
            elif item.optional:
                kept[item.name] = None if item.default is REQUIRED else item.default
            changed[node_id] = node.with_inputs(kept)
    anything = Input("", ANY)
    ends = {name: alone.resolve(source, anything).reference or source for name, source in outputs.items()}
    behind = {name: fed.resolve(source, anything).reference for name, source in outputs.items()}
    hands_on = {name: at.output for name, at in behind.items() if at is not None and at.node == _OUTSIDE}
    return changed, {name: tuple(to) for name, to in places.items()}, ends, hands_on


def _fed_from_outside(nodes: Mapping[str, Node], inputs: Mapping[str, Places]) -> dict[str, Node]:
    fed = dict(nodes)
    for name, to in inputs.items():
        for node_id, socket in to:
            fed[node_id] = fed[node_id].with_inputs({**fed[node_id].inputs, socket: Reference(_OUTSIDE, name)})
    return fed
