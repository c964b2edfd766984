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
from collections.abc import Callable, Collection, Mapping
from typing import Any

from graph.building.calls import Call, Graph
from graph.files.folders import Files
from graph.node_types.digests import DIGEST_SIZE, digest, encode, file_identity
from graph.node_types.external_state import UnknownExternalStateError, external_state_part
from graph.node_types.node_type import Input
from graph.node_types.widgets import FileChoice
from graph.results.result import Fingerprint, Key

_LEFT_OUT = b"?"
"""Stands for an edge to a lazy input: what is set in the next input must not be taken for this one."""


class FreshKey(bytes):
    """A key that never occurs in another run; to remember a result under it would only drive out useful ones."""

    why = ""
    """What of the call itself cannot be known, for people to mend; empty where it is meant so, or about an input."""


def cache_keys(graph: Graph, files: Files) -> dict[str, Key]:
    """The deep key of every call. Linear in calls and edges."""
    keys: dict[str, Key] = {}
    for node_id, call in graph.calls.items():
        keys[node_id] = deep_key(call, keys.__getitem__, files)
    return keys


def deep_key(call: Call, key_of: Callable[[str], Key], files: Files, leave_out: Collection[str] = ()) -> Key:
    """The recipe of a call; `key_of` gives the deep keys of what feeds it. A `FreshKey` when it has no identity."""
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
                    return fresh_key()  # which file it is, and whether it changed, is not known yet
                key = key_of(edge.node)
                if type(key) is FreshKey:
                    below_fresh = True
                parts.append(b"@%d:" % edge.output + key)
        if call.type.fingerprint is not None:
            parts.append(external_state_part(call.type, call.literals, files))
    except UnknownExternalStateError as error:
        return fresh_key(str(error))
    except Exception:  # noqa: BLE001 - a file that is gone, a literal of no known kind; unknown means "do not reuse"
        return fresh_key()
    found = hashlib.blake2b(b"".join(parts), digest_size=DIGEST_SIZE).digest()
    return FreshKey(found) if below_fresh else found


def shallow_key(
    call: Call, fingerprints: Mapping[str, Fingerprint | None], value_of: Callable[[str], object], files: Files
) -> Key | None:
    """The key over the marks of the values that arrive; None where one of them, or the call itself, has no identity.

    Lazy inputs are left out. `value_of` gives the value that an edge brought: the name of a file stands for the file.
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
            if edges[name].as_one or edges[name].of:  # the same value, but not taken for the same
                parts.append(encode((edges[name].as_one, edges[name].of)))
            if isinstance(item.widget, FileChoice):
                parts.append(_file_part(item.widget, value_of(name), files))
        if call.type.fingerprint is not None:
            parts.append(external_state_part(call.type, call.literals, files))
    except Exception:  # noqa: BLE001 - as above
        return None
    return hashlib.blake2b(b"".join(parts), digest_size=DIGEST_SIZE).digest()


def next_key(key: Key, name: str, part: bytes) -> Key:
    """Where a question leads once the input that it asked for is known."""
    return digest(key, b"asked", encode(name), part)


def item_key(source: Call, identity: bytes) -> Key:
    """The deep key of one item of a stream, from what its source says that it depends on, or from its mark."""
    dependencies = source.type.dependencies
    if dependencies is not None and dependencies.unknown_because:
        return fresh_key(dependencies.unknown_because)
    return digest(source.type.recipe, b"item", identity)


def fresh_key(why: str = "") -> FreshKey:
    """A key that nothing else has; `why` tells what cannot be known."""
    key = FreshKey(os.urandom(DIGEST_SIZE))
    if why:
        key.why = why
    return key


class _UnknownValueError(Exception):
    """Nothing tells what a value is."""


def _written_part(call: Call, item: Input, files: Files) -> bytes:
    """What identifies an input that no edge feeds."""
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
    return b"" if name is None else encode(file_identity(files.path(widget.folder, name)))
