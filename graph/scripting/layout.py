"""Places for nodes that have none, so that a workflow from a script reads well in the editor.

Nodes stand in columns, each to the right of all that feed it and close to what it feeds (longest paths, after Sugiyama,
Tagawa and Toda 1981, doi 10.1109/TSMC.1981.4308636). Within a column they follow the order of their neighbours, so that
few edges cross. Nodes that have a place keep it; the others are put below all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from graph.base.topological_order import topological_order
from graph.document.workflow import Node, Reference
from graph.node_types.node_type import Input, NodeType
from graph.node_types.widgets import FileChoice, Text

_COLUMN, _GAP, _LEFT, _TOP = 380, 40, 40, 80
_HEAD, _SOCKET, _FIELD, _TEXT, _PICTURE = 60, 26, 34, 112, 236
"""Heights of the parts of a node in the editor, as `web/src/scene/sizes.ts` has them."""
_SWEEPS = 4

TypeOf = Callable[[str], NodeType | None]


def with_positions(nodes: Mapping[str, Node], type_of: TypeOf) -> dict[str, Node]:
    """Return the nodes, each with a position; the given ones stay."""
    lost = [node_id for node_id, node in nodes.items() if node.position is None]
    if not lost:
        return dict(nodes)
    top = max((_bottom(nodes[node_id], type_of(node_id)) for node_id in nodes if node_id not in set(lost)), default=0)
    sources = {node_id: _sources(nodes[node_id], nodes) for node_id in lost}
    heights = {node_id: _height(nodes[node_id], type_of(node_id)) for node_id in lost}
    found = dict(nodes)
    for column, members in enumerate(_columns(sources)):
        y = float(top + (_GAP if top else 0) + _TOP)
        for node_id in members:
            found[node_id] = replace(nodes[node_id], position=(float(_LEFT + column * _COLUMN), y))
            y += heights[node_id] + _GAP
    return found


def _columns(sources: Mapping[str, list[str]]) -> list[list[str]]:
    order, _ = topological_order(sources)
    order += [node_id for node_id in sources if node_id not in set(order)]  # those of cycles
    readers: dict[str, list[str]] = {node_id: [] for node_id in sources}
    column: dict[str, int] = {}
    for node_id in order:
        column[node_id] = 1 + max((column[source] for source in sources[node_id] if source in column), default=-1)
        for source in sources[node_id]:
            if source in readers:
                readers[source].append(node_id)
    for node_id in reversed(order):  # a source that is needed late stands close to where it is needed
        nearest = min((column[reader] for reader in readers[node_id]), default=column[node_id] + 1)
        if not any(source in column for source in sources[node_id]):
            column[node_id] = max(column[node_id], nearest - 1)
    columns: list[list[str]] = [[] for _ in range(max(column.values()) + 1)]
    for node_id in sources:
        columns[column[node_id]].append(node_id)
    for sweep in range(_SWEEPS):
        beside = readers if sweep % 2 else sources
        place = {node_id: row / max(1, len(each)) for each in columns for row, node_id in enumerate(each)}
        for members in columns:
            members.sort(
                key=lambda node_id: _mean((place[each] for each in beside[node_id] if each in place), place[node_id])
            )
            place.update({node_id: row / max(1, len(members)) for row, node_id in enumerate(members)})
    return columns


def _mean(values: Iterable[float], otherwise: float) -> float:
    found = list(values)
    return sum(found) / len(found) if found else otherwise


def _sources(node: Node, nodes: Mapping[str, Node]) -> list[str]:
    found = [value.node for value in node.inputs.values() if isinstance(value, Reference) and value.node in nodes]
    return list(dict.fromkeys(found))


def _bottom(node: Node, node_type: NodeType | None) -> float:
    return (node.position or (0, 0))[1] + (node.size[1] if node.size else _height(node, node_type))


def _height(node: Node, node_type: NodeType | None) -> float:
    """Return about how high a node is in the editor, in pixels."""
    if node_type is None:
        return _HEAD + _SOCKET * max(2, len(node.inputs))
    rows = sum(_row(item, node) for item in node_type.inputs)
    return _HEAD + max(rows, _SOCKET * len(node_type.outputs)) + (_PICTURE if node_type.side_effect else 0)


def _row(item: Input, node: Node) -> float:
    if item.widget is None or isinstance(node.inputs.get(item.name), Reference):
        return _SOCKET
    if isinstance(item.widget, Text) and item.widget.multiline:
        return _TEXT
    is_picture = isinstance(item.widget, FileChoice) and item.widget.folder == "input"
    return _FIELD + (_PICTURE / 2 if is_picture else 0)
