"""Removes muted nodes, and what cannot run without them, from a graph.

A node that requires a muted or blocked node is blocked. An optional input that such a node feeds is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graph.building.calls import Call
from graph.node_types.node_type import REQUIRED, Input


def block(order: Iterable[str], calls: Mapping[str, Call], blocked: dict[str, str]) -> None:
    """Add to `blocked` (node id -> the muted node behind it) everything that its nodes block."""
    for node_id in order:
        call = calls[node_id]
        for name, edge in list(call.edges.items()):
            if edge.node not in blocked:
                continue
            if call.type.by_name[name].optional:
                del call.edges[name]
                leave_out(call, call.type.by_name[name])
            else:
                blocked.setdefault(node_id, blocked[edge.node])


def leave_out(call: Call, item: Input) -> None:
    """Give an optional input the value that it has when nothing is connected."""
    call.literals[item.name] = None if item.default is REQUIRED else item.default


def needed_by(targets: Iterable[str], calls: Mapping[str, Call]) -> set[str]:
    """Return the calls that the targets need, without blocked ones and what fed only them."""
    needed: set[str] = set()
    pending = list(targets)
    while pending:
        node_id = pending.pop()
        if node_id not in needed:
            needed.add(node_id)
            pending += [edge.node for edge in calls[node_id].edges.values()]
    return needed
