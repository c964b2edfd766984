"""The graph that runs: calls and edges.

`graph.building.build` makes it of a document; everything in it is checked.
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
    """What feeds an input: an output of a call, perhaps with a conversion of each item."""

    node: str
    output: int
    convert: Convert | None = None
    is_list: bool = False
    """Whether the value is a list, also where a generic node passes it on."""
    as_one: bool = False
    """Whether the value is one item for an input that collects, though it may be a list itself, as a prompt is."""
    of: str = ""
    """The type that is converted."""


def edge_of(node: str, index: int, output: Output, item: Input, fit: Fit) -> Edge:
    """Return the edge from an output, with its inferred type, to an input that it fits."""
    as_one = item.collects and not output.is_list and output.type.name != "*"
    return Edge(node, index, fit.convert, output.is_list, as_one, output.type.name if fit.convert else "")


_NOTHING_GIVEN: Mapping[str, GivenValue] = MappingProxyType({})
"""The given values of most calls: none; shared, because there are many calls."""


@dataclass(slots=True)
class Call:
    """One node to call: checked literals, values given from outside, and edges for the other inputs."""

    id: str
    type: NodeType
    literals: dict[str, Any] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)
    given: Mapping[str, GivenValue] = field(default_factory=lambda: _NOTHING_GIVEN)


@dataclass(slots=True)
class Graph:
    """The graph that runs. `calls` are in topological order: each after all that feed it."""

    calls: dict[str, Call]
    targets: tuple[str, ...]
    blocked: dict[str, str] = field(default_factory=dict)
    """Node id -> the muted node that keeps it from running."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Node id -> why it is no target, though it may have been meant as one."""
    outputs: Mapping[str, Mapping[str, Reference]] = field(default_factory=dict)
    """Target that is an instance of a sub-workflow -> output name -> the node and output that it comes from."""
    named: Collection[str] = ()
    """Nodes with a value that is part of a file name; they need not run for that."""

    def gather(self, instance: str, values: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Return the outputs of an instance that are among some values of nodes."""
        found = self.outputs[instance].items()
        return {name: values[at.node][at.output] for name, at in found if at.output in values.get(at.node, ())}
