"""The workflow document: what a person builds, saves and shares. Plain data; opening it executes nothing.

A document keeps fields that it does not know (`extra`), so that files of newer versions and of packs that are not
installed survive being opened and saved. The file format is described in `graph.document.reader`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

FORMAT_VERSION = 1
INSTANCE = "@"
"""A node of type `"@id"` is an instance of the sub-workflow `id`."""
INSIDE = "/"
"""Separates the id of an instance from the id of a node inside it: `"7/3"`. Ids in files do not contain it."""


class Mode(StrEnum):
    """Whether a node takes part in a run, is switched off (muted), or passes an input through (bypassed)."""

    ACTIVE = "active"
    MUTED = "muted"
    BYPASSED = "bypassed"


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to another node's output, by node id and output name."""

    node: str
    output: str


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a document. Inputs are literal JSON values or references; absent inputs take their defaults."""

    type: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    mode: Mode = Mode.ACTIVE
    position: tuple[float, float] | None = None
    size: tuple[float, float] | None = None
    seeds: Mapping[str, str] = field(default_factory=dict)
    """Seed input -> what happens to it before a run: fixed, randomize, increment, decrement."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def with_inputs(self, inputs: Mapping[str, Any]) -> Node:
        """Return the node with other inputs."""
        return Node(self.type, inputs, self.title, self.mode, self.position, self.size, self.seeds, self.extra)


@dataclass(frozen=True, slots=True)
class SubworkflowInput:
    """An input of a sub-workflow; its value goes to some inputs of inner nodes."""

    name: str
    to: tuple[tuple[str, str], ...] = ()
    """Pairs of node id and input name."""
    title: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubworkflowOutput:
    """An output of a sub-workflow; its value comes from an output of an inner node."""

    name: str
    source: Reference
    title: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subworkflow:
    """Nodes that are defined once and used by any number of instances, also inside other sub-workflows."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    inputs: tuple[SubworkflowInput, ...] = ()
    outputs: tuple[SubworkflowOutput, ...] = ()
    groups: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[Mapping[str, Any], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A whole document. Nodes keep the order of the file, so that saving changes only what was edited."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    subworkflows: Mapping[str, Subworkflow] = field(default_factory=dict)
    groups: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[Mapping[str, Any], ...] = ()
    app: Mapping[str, Any] = field(default_factory=dict)
    """The form view: the inputs (`"6.text"`) that it shows."""
    packs: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def node_types(self) -> set[str]:
        """Return the ids of all node types in the document and its sub-workflows."""
        everywhere = [self.nodes, *(inner.nodes for inner in self.subworkflows.values())]
        return {node.type for nodes in everywhere for node in nodes.values() if not node.type.startswith(INSTANCE)}

    def with_input(self, node_id: str, name: str, value: object) -> Workflow:
        """Return the document with one input set to a literal or a `Reference`."""
        node = self.nodes[node_id]
        changed = replace(node, inputs={**node.inputs, name: value})
        return replace(self, nodes={**self.nodes, node_id: changed})
