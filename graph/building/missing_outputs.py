"""Nodes of unknown types that may have been meant as outputs.

The other nodes run without them; a note is needed, because otherwise a missing picture has no explanation.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from graph.document.workflow import Mode, Node, Reference
from graph.node_types.registry import Registry

MOST = 100


def unknown_ends(nodes: Mapping[str, Node], registry: Registry) -> list[str]:
    """Return active nodes of unknown types that are fed by a node and feed none, up to `MOST`."""
    unknown = {name for name in {node.type for node in nodes.values()} if registry.get(name) is None}
    if not unknown:
        return []
    read = {source for node in nodes.values() for source in _sources(node)}
    ends = (
        node_id
        for node_id, node in nodes.items()
        if node.type in unknown and node.mode is Mode.ACTIVE and node_id not in read and _sources(node)
    )
    return list(islice(ends, MOST))


def _sources(node: Node) -> list[str]:
    return [value.node for value in node.inputs.values() if isinstance(value, Reference)]
