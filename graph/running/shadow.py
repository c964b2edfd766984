"""Shadow mode: finds nodes that do not keep the laws, by working out again what is remembered.

A node that gives another value for the same inputs depends on something that it does not declare. One that changes an
input in place spoils it for everybody else who reads it, and for what is remembered. Only values with a fingerprint can
be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graph.base.errors import NodeError
from graph.node_types.flow import Lazy
from graph.node_types.node_type import NodeType
from graph.results.result import CONTENT, Fingerprint, Result

FingerprintOf = Callable[[Any], Fingerprint | None]


def compare(node_type: NodeType, expected: Result, found: Result) -> None:
    """What was remembered beside what the node returned now. Raises `NodeError` when they differ."""
    for output, was, now in zip(node_type.outputs, expected.fingerprints, found.fingerprints, strict=True):
        if was != now and was is not None and now is not None and was[:1] == now[:1] == CONTENT:
            message = f"called again with the same inputs, the node returned another {output.name} than before"
            raise NodeError(
                message, remedy="a node must depend on its inputs only: declare what else it reads, or cache=False"
            )


def watched(function: Callable[..., Any], node_type: NodeType, fingerprint_of: FingerprintOf) -> Callable[..., Any]:
    """The function of a node as one that raises `NodeError` when it changed one of its inputs in place."""

    def watch(**inputs: Any) -> Any:
        before = _fingerprints(inputs, node_type, fingerprint_of)
        returned = function(**inputs)
        _check(before, _fingerprints(inputs, node_type, fingerprint_of))
        return returned

    async def watch_async(**inputs: Any) -> Any:
        before = _fingerprints(inputs, node_type, fingerprint_of)
        returned = await function(**inputs)
        _check(before, _fingerprints(inputs, node_type, fingerprint_of))
        return returned

    return watch_async if node_type.is_async else watch


def _fingerprints(
    inputs: Mapping[str, Any], node_type: NodeType, fingerprint_of: FingerprintOf
) -> dict[str, Fingerprint | None]:
    values = {name: value for name, value in inputs.items() if name in node_type.by_name}
    return {name: fingerprint_of(value.peek() if isinstance(value, Lazy) else value) for name, value in values.items()}


def _check(before: Mapping[str, Fingerprint | None], after: Mapping[str, Fingerprint | None]) -> None:
    for name, fingerprint in before.items():
        if after[name] != fingerprint:
            message = "the node changed this input in place"
            remedy = "a node must leave its inputs as they are, because others read them too: work on a copy"
            raise NodeError(message, input=name, remedy=remedy)
