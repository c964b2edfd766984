"""Cache keys: two for every call.

The deep key is a recipe: the node type with its version and code, the literal inputs, the identity of every chosen
file, what the node's own `fingerprint` returns, and the deep keys of what feeds it. All deep keys of a graph are made
in one pass, like a Merkle tree, without touching a value. The shallow key is the same over the marks of the values that
really arrive; it is made when a call is about to run, and finds the result of a call that got equal values from
elsewhere.

Neither covers node ids, titles or positions: equal nodes have equal keys. What has no identity gets a deep key that
never occurs again, and so has all that it feeds; its shallow key, where the values have marks, is as good as any other.

A call with lazy inputs is looked up by the inputs that it needed: its base key leaves lazy edges out, and leads to the
names that it asked for; with their keys it leads on, to the next question or to the result.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection

from graph.build import Call, Edge, Graph
from graph.files import Files
from graph.flow import Given
from graph.identity import DIGEST_SIZE, digest, encode, file_identity
from graph.result import Key
from graph.widgets import FileChoice

PartOf = Callable[[Edge], bytes | None]
"""What identifies the value that an edge brings; None when nothing does."""


class FreshKey(bytes):
    """A key that never occurs in another run; to remember a result under it would only drive out useful ones."""


def cache_keys(graph: Graph, files: Files) -> dict[str, Key]:
    """The deep key of every call. Linear in calls and edges."""
    keys: dict[str, Key] = {}
    for node_id, call in graph.calls.items():
        keys[node_id] = deep_key(call, keys.__getitem__, files)
    return keys


def deep_key(call: Call, key_of: Callable[[str], Key], files: Files, leave_out: Collection[str] = ()) -> Key:
    """The recipe of a call; `key_of` gives the deep keys of what feeds it. A `FreshKey` when it has no identity."""
    if not call.type.cache:
        return fresh_key()
    below_fresh = False

    def part(edge: Edge) -> bytes:
        nonlocal below_fresh
        key = key_of(edge.node)
        if type(key) is FreshKey:
            below_fresh = True
        return b"@%d:" % edge.output + key

    key = _key(call, part, files, leave_out)
    if key is None:
        return fresh_key()
    return FreshKey(key) if below_fresh else key


def shallow_key(
    call: Call, mark_of: PartOf, value_of: Callable[[Edge], object], files: Files, leave_out: Collection[str] = ()
) -> Key | None:
    """The key over the values that arrive; None where one of them, or the call itself, has no identity."""
    if not call.type.cache:
        return None
    parts = [b"values"]
    for name, item in call.type.by_name.items():
        edge = call.edges.get(name)
        if edge is not None and name not in leave_out and isinstance(item.widget, FileChoice):
            identity = _file_part(item.widget, value_of(edge), files)
            if identity is None:
                return None
            parts.append(identity)
    key = _key(call, mark_of, files, leave_out, files_on_edges=True)
    return None if key is None else digest(*parts, key)


def next_key(key: Key, name: str, part: bytes) -> Key:
    """Where a question leads once the input that it asked for is known."""
    return digest(key, b"asked", encode(name), part)


def item_key(source: Call, identity: bytes) -> Key:
    """The deep key of one item of a stream, from what its source says that it depends on, or from its mark."""
    return digest(source.type.recipe, b"item", identity)


def fresh_key() -> FreshKey:
    """A key that nothing else has."""
    return FreshKey(os.urandom(DIGEST_SIZE))


def _key(
    call: Call, part_of: PartOf, files: Files, leave_out: Collection[str], *, files_on_edges: bool = False
) -> Key | None:
    parts = [call.type.recipe]
    edges, literals, given = call.edges, call.literals, call.given
    try:
        for item in call.type.inputs:
            name = item.name
            edge = edges.get(name)
            if edge is not None:
                if leave_out and name in leave_out:
                    continue
                if not files_on_edges and isinstance(item.widget, FileChoice):
                    return None  # which file it is, and whether it changed, is not known yet
                part = part_of(edge)
            elif given and name in given:
                part = _given_part(given[name])
            else:
                value = literals[name]
                part = encode(value)
                if isinstance(item.widget, FileChoice) and value is not None:
                    part += encode(file_identity(files.path(item.widget.folder, value)))
            if part is None:
                return None
            parts.append(part)
        if call.type.fingerprint is not None:
            parts.append(encode(call.type.outside(literals, files)))
    except Exception:  # noqa: BLE001 - a node's own fingerprint may raise anything; unknown means "do not reuse"
        return None
    return hashlib.blake2b(b"".join(parts), digest_size=DIGEST_SIZE).digest()


def _given_part(given: Given) -> bytes | None:
    return None if given.mark is None else b"=" + given.mark


def _file_part(widget: FileChoice, name: object, files: Files) -> bytes | None:
    if name is None:
        return b"none"
    try:
        return encode(file_identity(files.path(widget.folder, str(name))))
    except (OSError, ValueError):
        return None
