"""Cache keys: two for every call.

The deep key is a digest of the recipe: the node type with its version and code, the literal inputs, the identity of
every chosen file, the node's own `fingerprint`, and the deep keys of the calls that feed it. All deep keys of a graph
are made in one pass, like a Merkle tree, without any value. The shallow key is the same with the fingerprints of the
input values in place of deep keys. It is made just before a call runs, and finds results of calls that got equal values
from elsewhere.

Keys do not cover node ids, titles or positions: equal nodes have equal keys. A call without an identity gets a unique
deep key, and so do all calls that it feeds; its shallow key is still useful where its values have fingerprints.

A call with lazy inputs is looked up step by step: its base key leaves lazy edges out and finds the inputs that it
requested first; with the keys of these the next step finds the next request, or the result.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Mapping
from typing import Any

from graph.building.calls import Call, Graph
from graph.files.folders import Files
from graph.node_types.digests import DIGEST_SIZE, chosen_file_identity, digest, encode
from graph.node_types.external_state import UnknownExternalStateError, external_state_part
from graph.node_types.node_type import Input
from graph.node_types.widgets import FileChoice
from graph.results.result import Fingerprint, Key

_LEFT_OUT = b"?"
"""Stands for an edge to a lazy input, so that later inputs keep their positions."""


class FreshKey(bytes):
    """A unique key that no other run finds; results are not stored under it."""

    why = ""
    """Why the call has no identity; empty where that is intended, or due to an input."""


def cache_keys(graph: Graph, files: Files) -> dict[str, Key]:
    """Return the deep key of every call, in time linear in calls and edges."""
    keys: dict[str, Key] = {}
    for node_id, call in graph.calls.items():
        keys[node_id] = deep_key(call, keys.__getitem__, files)
    return keys


def deep_key(call: Call, key_of: Callable[[str], Key], files: Files, leave_out: Collection[str] = ()) -> Key:
    """Return the deep key of a call, a `FreshKey` if it has no identity; `key_of` returns those of its sources."""
    dependencies = call.type.dependencies
    if not call.type.cache:
        return fresh_key()
    if dependencies is not None and dependencies.unknown_because:
        return fresh_key(dependencies.unknown_because)
    below_fresh = False
    parts = [call.type.recipe]
    edges = call.edges
    try:
        for item in call.type.inputs:
            edge = edges.get(item.name)
            if edge is None:
                parts.append(_written_part(call, item, files))
            elif item.name in leave_out:
                parts.append(_LEFT_OUT)
            else:
                if isinstance(item.widget, FileChoice):
                    return fresh_key()  # the file is not known yet
                key = key_of(edge.node)
                if type(key) is FreshKey:
                    below_fresh = True
                parts.append(b"@%d:" % edge.output + key)
        if call.type.fingerprint is not None:
            parts.append(external_state_part(call.type, call.literals, files))
    except UnknownExternalStateError as error:
        return fresh_key(str(error))
    except Exception:  # noqa: BLE001 - a missing file, a literal of an unknown type; unknown means "do not reuse"
        return fresh_key()
    found = hashlib.blake2b(b"".join(parts), digest_size=DIGEST_SIZE).digest()
    return FreshKey(found) if below_fresh else found


def shallow_key(
    call: Call, fingerprints: Mapping[str, Fingerprint | None], value_of: Callable[[str], object], files: Files
) -> Key | None:
    """Return the key of the input values of a call; None where a value, or the call itself, has no identity.

    Lazy inputs are left out. `value_of` returns the value of an edge, because a file name stands for its file.
    """
    dependencies = call.type.dependencies
    if not call.type.cache or (dependencies is not None and dependencies.unknown_because):
        return None
    parts = [b"values", call.type.recipe]
    edges, lazies = call.edges, call.type.lazies
    try:
        for item in call.type.inputs:
            name = item.name
            if name not in edges:
                parts.append(_written_part(call, item, files))
                continue
            if name in lazies:
                parts.append(_LEFT_OUT)
                continue
            fingerprint = fingerprints[name]
            if fingerprint is None:
                return None
            parts.append(b"@" + fingerprint)
            if edges[name].as_one or edges[name].of:  # the same value counts as another input
                parts.append(encode((edges[name].as_one, edges[name].of)))
            if isinstance(item.widget, FileChoice):
                parts.append(_file_part(item.widget, value_of(name), files))
        if call.type.fingerprint is not None:
            parts.append(external_state_part(call.type, call.literals, files))
    except Exception:  # noqa: BLE001 - as above
        return None
    return hashlib.blake2b(b"".join(parts), digest_size=DIGEST_SIZE).digest()


def next_key(key: Key, name: str, part: bytes) -> Key:
    """Return the key of the next lookup step, once a requested input is known."""
    return digest(key, b"asked", encode(name), part)


def item_key(source: Call, identity: bytes) -> Key:
    """Return the deep key of a stream item, from the key that its source declares, or from its fingerprint."""
    dependencies = source.type.dependencies
    if dependencies is not None and dependencies.unknown_because:
        return fresh_key(dependencies.unknown_because)
    return digest(source.type.recipe, b"item", identity)


def fresh_key(why: str = "") -> FreshKey:
    """Return a unique key; `why` says what is unknown."""
    key = FreshKey(os.urandom(DIGEST_SIZE))
    if why:
        key.why = why
    return key


class _UnknownValueError(Exception):
    """A value has no identity."""


def _written_part(call: Call, item: Input, files: Files) -> bytes:
    """Return the identity of an input that no edge feeds."""
    given = call.given.get(item.name) if call.given else None
    if given is not None:
        if given.fingerprint is None:
            raise _UnknownValueError
        return b"=" + given.fingerprint
    value = call.literals[item.name]
    if isinstance(item.widget, FileChoice):
        return encode(value) + _file_part(item.widget, value, files)
    return encode(value)


def _file_part(widget: FileChoice, name: Any, files: Files) -> bytes:
    return b"" if name is None else encode(chosen_file_identity(files, widget.folder, name))
