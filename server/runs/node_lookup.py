"""Finds the type of a node in the document of a run.

The id of an inner node is a path: `7/3` is node 3 of the sub-workflow of instance 7. Nodes of a graph that a node
returned during the run are in no document, so their types are unknown here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_INSTANCE = "@"


def node_type(document: Mapping[str, Any], node: str) -> str:
    """Returns the type of a node, or an empty text."""
    nodes, found = _part(document, "nodes"), ""
    for step in node.split("/"):
        found = str(_part(nodes, step).get("type", ""))
        definition = found.removeprefix(_INSTANCE) if found.startswith(_INSTANCE) else ""
        nodes = _part(_part(_part(document, "subworkflows"), definition), "nodes")
    return found


def visible(node: str) -> str:
    """Returns the node of the document: the node itself, or the one in whose place it runs."""
    return node.partition("/")[0]


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}
