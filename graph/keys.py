"""Cache keys: one digest a call, chained like a Merkle tree, all of them in one pass.

A key covers the node type with its version and code, the literal inputs, the identity of every chosen file, what the
node's own `fingerprint` returns, and the keys of what feeds it. It does not cover node ids, titles or positions: two
equal nodes have one key. What has no identity gets a key that never occurs again, and so has all that it feeds: it is
run, never reused, and not remembered.
"""

from __future__ import annotations

import hashlib
import os

from graph.build import Call, Graph
from graph.files import Files
from graph.identity import DIGEST_SIZE, encode, file_identity
from graph.widgets import FileChoice

Key = bytes


class FreshKey(bytes):
    """A key that never occurs in another run; to remember a result under it would only drive out useful ones."""


def cache_keys(graph: Graph, files: Files) -> dict[str, Key]:
    """The key of every call. Linear in calls and edges."""
    keys: dict[str, Key] = {}
    for node_id, call in graph.calls.items():
        keys[node_id] = _key(call, keys, files)
    return keys


def _key(call: Call, keys: dict[str, Key], files: Files) -> Key:
    if not call.type.cache:
        return _fresh()
    parts = [call.type.recipe]
    try:
        for item in call.type.inputs:
            edge = call.edges.get(item.name)
            if edge is not None:
                if isinstance(item.widget, FileChoice):
                    return _fresh()  # which file it is, and whether it changed, is not known yet
                parts.append(b"@%d:" % edge.output + keys[edge.node])
                continue
            value = call.literals[item.name]
            parts.append(encode(value))
            if isinstance(item.widget, FileChoice) and value is not None:
                parts.append(encode(file_identity(files.path(item.widget.folder, value))))
        if call.type.fingerprint is not None:
            parts.append(encode(call.type.fingerprint(**call.literals)))
    except Exception:  # noqa: BLE001 - a node's own fingerprint may raise anything; unknown means "do not reuse"
        return _fresh()
    key = hashlib.blake2b(b"".join(parts), digest_size=DIGEST_SIZE).digest()
    below_fresh = any(isinstance(keys[edge.node], FreshKey) for edge in call.edges.values())
    return FreshKey(key) if below_fresh else key


def _fresh() -> FreshKey:
    return FreshKey(os.urandom(DIGEST_SIZE))
