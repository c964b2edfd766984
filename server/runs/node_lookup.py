"""The type of a node, looked up in a run's document.

An inner id is a path: `7/3` is node 3 of the sub-workflow that node 7 stands for. What a node put in its own place
while it ran is in no document, so its type is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_INSTANCE = "@"


def node_type(document: Mapping[str, Any], node: str) -> str:
    """The type of a node, or an empty text."""
    nodes, found = _part(document, "nodes"), ""
    for step in node.split("/"):
        found = str(_part(nodes, step).get("type", ""))
        definition = found.removeprefix(_INSTANCE) if found.startswith(_INSTANCE) else ""
        nodes = _part(_part(_part(document, "subworkflows"), definition), "nodes")
    return found


def visible(node: str) -> str:
    """The node that a person sees: itself, or the one in whose place it runs."""
    return node.partition("/")[0]


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}
