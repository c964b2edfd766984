"""Why a node is called: its inputs beside those of the nearest call that is remembered."""

from __future__ import annotations

from collections.abc import Mapping

from graph.cell import Cell
from graph.errors import NodeError
from graph.explain import CHECKED, FORGOTTEN, History, Part, Reason, not_reusable
from graph.identity import encode
from graph.keys import FreshKey
from graph.node_types import NodeType
from graph.result import CONTENT, Key, Mark, Result
from graph.sockets import describe_value

_LONGEST = 80


def why(cell: Cell, marks: Mapping[str, Mark | None], shallow: Key | None, history: History) -> Reason:
    """The reason for a call; the call is remembered to be compared with later ones."""
    call, extra = cell.call, cell.extra
    parts = _parts(cell, marks)
    recipe = call.type.recipe
    if extra is not None and extra.expected is not None:
        reason = CHECKED
    elif extra is not None and extra.lost and not call.type.streams:
        reason = FORGOTTEN
    elif not call.type.cache:
        reason = not_reusable("the node is to run every time (cache=False)")
    elif type(cell.key) is FreshKey and shallow is None:
        reason = not_reusable(_what_is_unknown(cell, marks))
    else:
        reason = history.reason(call.type.id, cell.id, recipe, parts)
    history.remember(call.type.id, cell.id, recipe, parts)
    return reason


def compare(node_type: NodeType, expected: Result, found: Result) -> None:
    """What was remembered beside what the node returned now. Raises `NodeError` when they differ."""
    for output, was, now in zip(node_type.outputs, expected.marks, found.marks, strict=True):
        if was != now and was is not None and now is not None and was[:1] == now[:1] == CONTENT:
            message = f"called again with the same inputs, the node returned another {output.name} than before"
            raise NodeError(
                message, remedy="a node must depend on its inputs only: declare what else it reads, or cache=False"
            )


def _parts(cell: Cell, marks: Mapping[str, Mark | None]) -> dict[str, Part]:
    call = cell.call
    parts: dict[str, Part] = {}
    if cell.extra is not None and cell.extra.make is not None:
        return {"item": Part(cell.key, "item " + ".".join(map(str, cell.frame.path)))}
    for name, value in call.literals.items():
        try:
            parts[name] = Part(encode(value), _short(value))
        except TypeError:
            parts[name] = Part(b"?", describe_value(value))
    for name, mark in marks.items():
        edge = call.edges.get(name)
        source = edge.node if edge is not None else ""
        parts[name] = Part(mark or b"?", f"a value from node {source}" if source else "a value", source)
    return parts


def _what_is_unknown(cell: Cell, marks: Mapping[str, Mark | None]) -> str:
    unknown = next((name for name, mark in marks.items() if mark is None), "")
    if unknown:
        edge = cell.call.edges.get(unknown)
        where = f" from node {edge.node}" if edge is not None else ""
        return f"nothing tells if the value of {unknown}{where} is the same as before"
    return "nothing tells if what it depends on is the same as before"


def _short(value: object) -> str:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[: _LONGEST - 3] + "..."
    if isinstance(value, int | float | bool) or value is None:
        return describe_value(value) if isinstance(value, int) and value.bit_length() > _LONGEST else str(value)
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
