"""Randomizes and counts seeds before a run.

Before and not after, so that the document shows and saves the seed that made the picture.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from graph.document.workflow import INSIDE, INSTANCE, Node, Reference, Workflow
from graph.files.folders import Files
from graph.node_types.body import Body
from graph.node_types.node_type import NodeType
from graph.node_types.registry import Registry
from graph.node_types.widgets import Seed
from graph.subworkflows.flatten import flatten
from graph.subworkflows.instance_types import type_of

RANDOM_BITS = 50
"""Random seeds are 0 to 2**50, so that all seed inputs accept them, and programs that store numbers as doubles, too."""


def advance_seeds(workflow: Workflow, registry: Registry, draw: Callable[[int], int] = random.getrandbits) -> Workflow:
    """Return the document with every seed changed as its control says; connected seeds are left alone.

    A seed inside a sub-workflow changes once for all instances; one that an instance sets changes in the instance.
    """
    return _with_each(workflow, registry, lambda node, node_type: _advance(node, node_type, draw))


def count_up_fixed(workflow: Workflow, registry: Registry) -> Workflow:
    """Return the document with every fixed seed set to increment, for repeated runs that need different pictures."""
    return _with_each(workflow, registry, _count_up)


def seeds_of(workflow: Workflow, registry: Registry) -> dict[str, object]:
    """Return every seed that a run of the document uses, by `node.input`; inner nodes by path, `7/3.seed`."""
    found: dict[str, object] = {}
    for node_id, node in flatten(workflow, registry, Files()).workflow.nodes.items():
        node_type = registry.get(node.type)
        for item in node_type.inputs if node_type else ():
            value = node.inputs.get(item.name, item.default)
            if isinstance(item.widget, Seed) and not isinstance(value, Reference):
                found[f"{node_id}.{item.name}"] = value
            elif isinstance(value, Body):
                found.update({f"{node_id}{INSIDE}{place}": seed for place, seed in value.seeds.items()})
    return found


def moved_seeds(before: Workflow, after: Workflow) -> dict[str, object]:
    """Return the changed seeds: `node.input` -> the new seed; inside a sub-workflow `@id/node.input`."""
    found = _moved(before.nodes, after.nodes, "")
    for name, inner in after.subworkflows.items():
        found.update(_moved(before.subworkflows[name].nodes, inner.nodes, f"{INSTANCE}{name}{INSIDE}"))
    return found


def _moved(before: Mapping[str, Node], after: Mapping[str, Node], prefix: str) -> dict[str, object]:
    return {
        f"{prefix}{node_id}.{name}": value
        for node_id, node in after.items()
        if node is not before[node_id]
        for name, value in node.inputs.items()
        if before[node_id].inputs.get(name) != value
    }


def _with_each(workflow: Workflow, registry: Registry, change: Callable[[Node, NodeType], Node]) -> Workflow:
    """Return the document with every node of a known type changed, also inside sub-workflows."""

    known: dict[str, NodeType | None] = {}

    def changed(nodes: Mapping[str, Node]) -> dict[str, Node]:
        return {node_id: changed_node(node) for node_id, node in nodes.items()}

    def changed_node(node: Node) -> Node:
        if node.type not in known:
            known[node.type] = type_of(node.type, workflow.subworkflows, registry)
        node_type = known[node.type]
        return node if node_type is None else change(node, node_type)

    inner = {name: replace(each, nodes=changed(each.nodes)) for name, each in workflow.subworkflows.items()}
    return replace(workflow, nodes=changed(workflow.nodes), subworkflows=inner)


def _count_up(node: Node, node_type: NodeType) -> Node:
    seeds = [item.name for item in node_type.inputs if isinstance(item.widget, Seed)]
    if node.type.startswith(INSTANCE):
        seeds = [name for name in seeds if name in node.inputs]  # other seeds change inside the definition
    fixed = [name for name in seeds if node.seeds.get(name, "fixed") == "fixed"]
    return replace(node, seeds={**node.seeds, **dict.fromkeys(fixed, "increment")}) if fixed else node


def _advance(node: Node, node_type: NodeType, draw: Callable[[int], int]) -> Node:
    if not node.seeds:
        return node
    inputs = dict(node.inputs)
    for item in node_type.inputs:
        control = node.seeds.get(item.name)
        value = inputs.get(item.name, item.default)
        if not isinstance(item.widget, Seed) or isinstance(value, Reference):
            continue
        if control == "randomize":
            inputs[item.name] = _within(item.widget, max(item.widget.min, 0) + draw(RANDOM_BITS))
        elif control in ("increment", "decrement") and type(value) is int:  # validation reports other values
            inputs[item.name] = _within(item.widget, value + (1 if control == "increment" else -1))
    return replace(node, inputs=inputs)


def _within(widget: Seed, value: int) -> int:
    """Wrap a seed around the ends of its range."""
    return widget.min + (value - widget.min) % (widget.max - widget.min + 1)
