"""What goes into a call and comes out of it: inputs and outputs are checked on both sides of a node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph.base.errors import NodeError, Problem
from graph.building.calls import Call
from graph.files.folders import Files
from graph.node_types import report_checks
from graph.node_types.flow import BLOCK, Lazy
from graph.node_types.node_type import NodeType
from graph.node_types.sockets import Convert, ValueRefusedError, describe_value
from graph.node_types.value_checks import Refusal, admit

MEND = "correct the node's code"
_LESS_MEMORY = "make pictures or batches smaller, or close other programs that use much memory"


def admitted(call: Call, name: str, value: Any, convert: Convert | None, files: Files) -> Any:
    """A value off an edge as the node shall get it. Raises `NodeError` for one that does not fit."""
    item = call.type.by_name[name]
    if convert is not None:
        try:
            value = [convert(each) for each in value] if item.collects and isinstance(value, list) else convert(value)
        except Exception as error:
            got = describe_value(value)
            message = f"the value cannot be converted to {item.type.name}: {error}; got {got}"
            raise NodeError(message, input=name, remedy=f"connect {item.type.describe or item.type.name}") from error
    found = admit(item, value, files)
    if isinstance(found, Refusal):
        message = f"{found.message}: expected {found.expected}, got {found.got}"
        raise NodeError(message, input=name, remedy=found.remedy)
    return found


def arguments(call: Call, brought: Mapping[str, Any]) -> dict[str, Any]:
    """What a node is called with: literals, values from outside, and what the edges brought; lazy ones wrapped."""
    inputs = {**call.literals, **brought}
    if call.given:
        inputs.update((name, given.value) for name, given in call.given.items())
    for name in call.type.lazies:
        inputs[name] = Lazy(name, inputs[name], there=True) if name in inputs else Lazy(name)
    return inputs


def outputs(node_type: NodeType, returned: Any) -> tuple[Any, ...]:
    """A value for each output. Raises `NodeError` when the node returned something else than it declares."""
    declared = node_type.outputs
    if not declared:
        return ()
    values = returned if isinstance(returned, tuple) and node_type.returns_tuple else (returned,)
    if len(values) != len(declared):
        message = f"the node returned {describe_value(returned)} instead of {len(declared)} outputs"
        raise NodeError(message, remedy=MEND)
    check_outputs(node_type, values)
    return tuple(values)


def check_outputs(node_type: NodeType, values: tuple[Any, ...]) -> None:
    """Raise `NodeError` when one of some values does not fit its output."""
    for output, value in zip(node_type.outputs, values, strict=True):
        if value is BLOCK:
            continue
        try:
            if output.is_list:
                _check_list(value)
                for each in value:
                    output.type.enforce(each)
            else:
                output.type.enforce(value)
        except ValueRefusedError as error:
            message = f"the node returned {error.got} as {output.name}, which should be {error.expected}"
            raise NodeError(message, remedy=MEND) from None


def _check_list(value: Any) -> None:
    if not isinstance(value, list):
        raise ValueRefusedError("a list", describe_value(value))


def describe_failure(error: BaseException) -> Problem:
    """What a node raised, as a problem that does not name the node yet."""
    remedy = report_checks.attribute(error, "remedy") or (_LESS_MEMORY if _is_out_of_memory(error) else "")
    return Problem(
        "node_failed", report_checks.words(error), socket=report_checks.attribute(error, "input"), remedy=remedy
    )


def _is_out_of_memory(error: BaseException) -> bool:
    """Whether memory of the computer or of the device ran out; torch says so by a name, or in words only."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and "allocate memory" in report_checks.words(error)
