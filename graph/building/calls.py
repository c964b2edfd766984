"""What a run works on: the nodes that are called, and the edges between them.

Made of a document by `graph.building.build`; everything here fits together already.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from graph.document.workflow import Reference
from graph.node_types.flow import GivenValue
from graph.node_types.node_type import Input, NodeType, Output
from graph.node_types.sockets import Convert, Fit


class Edge(NamedTuple):
    """What feeds an input: an output of a call, perhaps through a conversion of each item."""

    node: str
    output: int
    convert: Convert | None = None
    is_list: bool = False
    """Whether what comes is a list, also where a node between only passes it on."""
    as_one: bool = False
    """Whether what comes is one thing for an input that collects, though it may be a list itself: a prompt is."""
    of: str = ""
    """The type that is converted."""


def edge_of(node: str, index: int, output: Output, item: Input, fit: Fit) -> Edge:
    """The edge from an output, with the type that really flows there, to an input that it fits."""
    as_one = item.collects and not output.is_list and output.type.name != "*"
    return Edge(node, index, fit.convert, output.is_list, as_one, output.type.name if fit.convert else "")


_NOTHING_GIVEN: Mapping[str, GivenValue] = MappingProxyType({})
"""What most calls are given from outside; one for all, because there are many calls."""


@dataclass(slots=True)
class Call:
    """One node that is to be called: checked literals, values given from outside, and edges for the rest."""

    id: str
    type: NodeType
    literals: dict[str, Any] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)
    given: Mapping[str, GivenValue] = field(default_factory=lambda: _NOTHING_GIVEN)


@dataclass(slots=True)
class Graph:
    """What a run works on. `calls` are in topological order: each comes after all that feed it."""

    calls: dict[str, Call]
    targets: tuple[str, ...]
    blocked: dict[str, str] = field(default_factory=dict)
    """Node id -> the muted node that keeps it from running."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Node id -> why it is none of the targets, though it may have been meant as one."""
    outputs: Mapping[str, Mapping[str, Reference]] = field(default_factory=dict)
    """Target that is an instance of a sub-workflow -> output name -> the node and output that give it."""
    named: Collection[str] = ()
    """Nodes with a value that is in the name of a file that is written; they need not run for that."""

    def gather(self, instance: str, values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The outputs of an instance, as far as they are among the values of nodes."""
        found = self.outputs[instance].items()
        return {name: values[at.node][at.output] for name, at in found if at.output in values.get(at.node, ())}
