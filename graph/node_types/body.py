"""A sub-workflow as a value, for nodes that run one in their place, such as loops.

    def for_each(body: Body, count: int) -> Expand: ...

In a file the value is the id of a sub-workflow of the same document; `graph.subworkflows.flatten` replaces it by a
`Body` before a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.document.workflow import INSIDE, Node, Reference
from graph.node_types.node_type import NodeType
from graph.node_types.sockets import SocketType, describe_value


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """The inner nodes of a sub-workflow, with all references to definitions resolved.

    Two bodies are equal when they compute the same; ids, titles and positions make no difference.
    """

    id: str
    nodes: Mapping[str, Node]
    """Inner nodes by path, as in a document (`3/5`); sub-workflows inside are inlined."""
    inputs: Mapping[str, tuple[tuple[str, str], ...]]
    """Input -> the inputs of inner nodes that its value goes to."""
    outputs: Mapping[str, Reference]
    hands_on: Mapping[str, str] = field(default_factory=dict)
    """Output -> the input that it passes on unchanged, if that is given."""
    effects: tuple[str, ...] = ()
    """The inner nodes with side effects."""
    identity: bytes = b""
    """A digest of everything that the result depends on; empty when that is unknown, and then nothing is reused."""
    seeds: Mapping[str, Any] = field(default_factory=dict)
    """`node.input` -> the written seed."""
    files: tuple[tuple[str, str], ...] = ()
    """Folder kind and name of every file that the inner nodes choose."""

    def place(self, inputs: Mapping[str, Any], at: str = "") -> tuple[dict[str, Node], dict[str, Any]]:
        """Return the inner nodes with some inputs filled in, and where the outputs come from.

        Inputs are literals, references or given values; those left out keep what the inner nodes have. With `at`, inner
        ids become paths below it: `at/3`. An output that passes on an input is the value of that input. Raises
        `KeyError` for an input that the body does not have.
        """
        prefix = at + INSIDE if at else ""
        filled: dict[str, dict[str, Any]] = {}
        for name, value in inputs.items():
            for node_id, socket in self.inputs[name]:
                filled.setdefault(node_id, {})[socket] = value
        nodes = {
            prefix + node_id: node.with_inputs(
                {name: _moved(value, prefix) for name, value in node.inputs.items()} | filled.get(node_id, {})
            )
            for node_id, node in self.nodes.items()
        }
        return nodes, {
            name: inputs[self.hands_on[name]] if self.hands_on.get(name) in inputs else _moved(source, prefix)
            for name, source in self.outputs.items()
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Body):
            return NotImplemented
        return self is other or (bool(self.identity) and self.identity == other.identity)

    def __hash__(self) -> int:
        return hash(self.identity)


def has_effect(node: Node, node_type: NodeType | None) -> bool:
    """Return whether a node has a side effect: its own, or that of a body that it runs."""
    if node_type is None:
        return False
    return node_type.side_effect or any(isinstance(value, Body) and value.effects for value in node.inputs.values())


def _moved(value: Any, prefix: str) -> Any:
    return Reference(prefix + value.node, value.output) if isinstance(value, Reference) else value


def _is_body(value: object) -> str:
    return "" if isinstance(value, Body) else describe_value(value)


BODY = SocketType("BODY", _is_body, "a sub-workflow of this document")
