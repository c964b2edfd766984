"""What happens to seeds before a run: they stay, are drawn anew, or are counted up or down.

It happens before and not after, so that the document shows and saves the seed that made the picture.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from graph.registry import Registry
from graph.widgets import SEED_MAX, Seed
from graph.workflow import Node, Reference, Workflow

RANDOM_BITS = 50
"""Drawn seeds stay below 2**50, so that they survive programs that keep numbers as doubles."""


def advance_seeds(workflow: Workflow, registry: Registry, draw: Callable[[int], int] = random.getrandbits) -> Workflow:
    """The document with every seed as its control wants it; seeds that are fed by an edge are left alone."""
    nodes = {node_id: _advance(node, registry, draw) for node_id, node in workflow.nodes.items()}
    return replace(workflow, nodes=nodes)


def _advance(node: Node, registry: Registry, draw: Callable[[int], int]) -> Node:
    node_type = registry.get(node.type)
    if node_type is None or not node.seeds:
        return node
    inputs = dict(node.inputs)
    for item in node_type.inputs:
        control = node.seeds.get(item.name, "fixed")
        value = inputs.get(item.name, item.default)
        if isinstance(item.widget, Seed) and not isinstance(value, Reference):
            inputs[item.name] = _next_seed(value, control, draw)
    return replace(node, inputs=inputs)


def _next_seed(value: object, control: str, draw: Callable[[int], int]) -> object:
    if control == "randomize":
        return draw(RANDOM_BITS)
    if not isinstance(value, int) or isinstance(value, bool):
        return value  # validation will say what is wrong with it
    step = {"increment": 1, "decrement": -1}.get(control, 0)
    return (value + step) % (SEED_MAX + 1)
