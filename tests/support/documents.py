"""Workflows written down in a line a node, for tests that run built-in nodes in the real engine.

document(n=("ForEachNumber", {"stop": 3}), end=("Sum", {"numbers": "@n.INT"}))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph.document.workflow import Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput, Workflow

Written = tuple[str, Mapping[str, Any]]
"""A node: its type and its inputs; one that is written `"@id.OUTPUT"` is fed by that output."""


def document(*, subworkflows: Mapping[str, Subworkflow] | None = None, **nodes: Written) -> Workflow:
    """A workflow of some nodes."""
    return Workflow(_nodes(nodes), subworkflows=dict(subworkflows or {}))


def subworkflow(inputs: Mapping[str, str], outputs: Mapping[str, str], **nodes: Written) -> Subworkflow:
    """A definition: `inputs` is {name: "id.input"}, `outputs` {name: "@id.OUTPUT"}."""
    entrances = tuple(SubworkflowInput(name, (_pair(to),)) for name, to in inputs.items())
    return Subworkflow(
        _nodes(nodes),
        inputs=entrances,
        outputs=tuple(SubworkflowOutput(name, _value(at)) for name, at in outputs.items()),
    )


def _nodes(written: Mapping[str, Written]) -> dict[str, Node]:
    return {
        node_id: Node(kind, {name: _value(value) for name, value in inputs.items()})
        for node_id, (kind, inputs) in written.items()
    }


def _value(written: Any) -> Any:
    return Reference(*_pair(written[1:])) if isinstance(written, str) and written.startswith("@") else written


def _pair(written: str) -> tuple[str, str]:
    node, _, socket = written.partition(".")
    return node, socket
