"""A graph that a node returns to be run in its place.

    def blur_twice(image: Image) -> Image | Expand:
        inner = Expansion()
        once = inner.add("ImageBlur", image=image, blur_radius=2)
        twice = inner.add("ImageBlur", image=once["IMAGE"], blur_radius=4)
        return inner.returns(twice["IMAGE"])

Each inner node is cached by itself. Inner nodes may expand in turn; an error inside is an error of the outer node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph.document.workflow import Node, Reference
from graph.node_types.body import Body

MOST_DEPTH = 1000
"""How deep expansions may be nested."""


@dataclass(frozen=True, slots=True)
class Expand:
    """The return value of a node that has a graph run in its place: its nodes, and the source of each output."""

    nodes: Mapping[str, Node]
    outputs: Mapping[str, Any]
    """Output name -> a `Reference` into the graph, or a plain value. Positional outputs are named "0", "1" ..."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A node, or the body of a loop, in an expansion; `placed["IMAGE"]` is one of its outputs."""

    id: str
    outputs: Mapping[str, Reference] | None = None

    def __getitem__(self, output: str) -> Reference:
        return Reference(self.id, output) if self.outputs is None else self.outputs[output]


class Expansion:
    """Builds a graph to return from a node."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._names: set[str] = set()

    def add(self, node_type: str, /, *, id: str = "", **inputs: Any) -> Placed:  # noqa: A002 - the word for it
        """Add a node. Inputs are plain values, or outputs of other placed nodes."""
        name = self._take_name(id)
        self._nodes[name] = Node(node_type, inputs)
        return Placed(name)

    def place(self, body: Body, /, *, id: str = "", **inputs: Any) -> Placed:  # noqa: A002
        """Add the nodes of a sub-workflow. Raises `KeyError` for an input that it does not have."""
        name = self._take_name(id)
        nodes, outputs = body.place(inputs, at=name)
        self._nodes.update(nodes)
        return Placed(name, outputs)

    def returns(self, *values: Any, **named: Any) -> Expand:
        """Return the finished graph; each output of the node is one of a placed node, or a plain value."""
        return Expand(self._nodes, {**{str(index): value for index, value in enumerate(values)}, **named})

    def _take_name(self, wanted: str) -> str:
        name = wanted or str(len(self._names))
        if name in self._names or "/" in name:
            raise ValueError(f"{name!r} cannot name a node of this expansion: it is taken, or has a '/'")
        self._names.add(name)
        return name
