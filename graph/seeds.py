"""What happens to seeds before a run: they stay, are drawn anew, or are counted up or down.

It happens before and not after, so that the document shows and saves the seed that made the picture.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from graph.registry import Registry
from graph.widgets import Seed
from graph.workflow import Node, Reference, Workflow

RANDOM_BITS = 50
"""Drawn seeds are 0 to 2**50, so that every seed input takes them and programs that keep numbers as doubles too."""


def advance_seeds(workflow: Workflow, registry: Registry, draw: Callable[[int], int] = random.getrandbits) -> Workflow:
    """The document with every seed as its control wants it; seeds that are fed by an edge are left alone."""
    nodes = {node_id: _advance(node, registry, draw) for node_id, node in workflow.nodes.items()}
    return replace(workflow, nodes=nodes)


def seeds_of(workflow: Workflow, registry: Registry) -> dict[str, object]:
    """Every written seed of a document, by `node.input`."""
    found: dict[str, object] = {}
    for node_id, node in workflow.nodes.items():
        node_type = registry.get(node.type)
        for item in node_type.inputs if node_type else ():
            value = node.inputs.get(item.name, item.default)
            if isinstance(item.widget, Seed) and not isinstance(value, Reference):
                found[f"{node_id}.{item.name}"] = value
    return found


def _advance(node: Node, registry: Registry, draw: Callable[[int], int]) -> Node:
    node_type = registry.get(node.type)
    if node_type is None or not node.seeds:
        return node
    inputs = dict(node.inputs)
    for item in node_type.inputs:
        control = node.seeds.get(item.name)
        value = inputs.get(item.name, item.default)
        if not isinstance(item.widget, Seed) or isinstance(value, Reference):
            continue
        if control == "randomize":
            inputs[item.name] = _within(item.widget, max(item.widget.min, 0) + draw(RANDOM_BITS))
        elif control in ("increment", "decrement") and type(value) is int:  # validation will say what else is wrong
            inputs[item.name] = _within(item.widget, value + (1 if control == "increment" else -1))
    return replace(node, inputs=inputs)


def _within(widget: Seed, value: int) -> int:
    """A seed counted beyond one end of its range goes on at the other."""
    return widget.min + (value - widget.min) % (widget.max - widget.min + 1)
