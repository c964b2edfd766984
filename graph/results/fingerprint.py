"""Content fingerprints: one digest for a value, the same in every process and on every machine.

Every value is tagged with its type: 1, 1.0, True, "1", b"1", [1] and (1,) all differ. An array is its kind, element
type, shape and bytes; its memory layout (strides, device, shared memory) does not count. The order of a dict does. A
value that contains an unknown object, or itself, has no fingerprint: unknown means "do not reuse".

Containers are hashed as a tree of digests, without recursion and each object once, so that shared parts cost nothing
extra. Short data is hashed with BLAKE2b, which starts fastest. Long data is hashed with SHA-256, the fastest unbroken
hash of the standard library where the processor has instructions for it (x86, ARM).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from graph.node_types.digests import DIGEST_SIZE, encode
from graph.node_types.flow import BLOCK
from graph.results.arrays import ArrayCodec, codec_of
from graph.results.result import CONTENT, Fingerprint

_SCALARS = frozenset({int, float, str, bool, type(None)})
_CONTAINERS = frozenset({list, tuple, dict, set, frozenset})
_LONG = 4096
"""Texts and bytes of at least this length are replaced by their own digest before their container is hashed."""


class Fingerprinter:
    """Computes content fingerprints. Stateless but for its codecs, so safe from any thread."""

    def __init__(self, codecs: Sequence[ArrayCodec] = ()) -> None:
        self._codecs = tuple(codecs)

    def of(self, value: object) -> Fingerprint | None:
        """Return the content fingerprint of a value, or None."""
        kind = type(value)
        if kind in _SCALARS and not (kind is str and len(value) >= _LONG):  # type: ignore[arg-type]
            return CONTENT + hashlib.blake2b(encode(value), digest_size=DIGEST_SIZE).digest()
        token = self._tree(value) if kind in _CONTAINERS else self.leaf(value)
        return None if token is None else CONTENT + _short_digest(token)

    def _tree(self, root: object) -> bytes | None:
        """Return the token of a container, children first. Entered values that are not done contain the current one."""
        done: dict[int, bytes] = {}
        entered: set[int] = set()
        pending = [root]
        while pending:
            value = pending[-1]
            number = id(value)
            if number in done:
                pending.pop()
                continue
            if type(value) not in _CONTAINERS:
                token = self.leaf(value)
                if token is None:
                    return None
                done[number] = token
                continue
            children = _children(value)
            if number not in entered:
                entered.add(number)
                waiting = [item for item in children if type(item) not in _SCALARS and id(item) not in done]
                if any(id(item) in entered for item in waiting):
                    return None  # it contains itself
                if waiting:
                    pending += waiting
                    continue
            tokens = [done[id(item)] if type(item) not in _SCALARS else _scalar(item) for item in children]
            if isinstance(value, set | frozenset):
                tokens.sort()
            done[number] = b"M" + _short_digest(b"%s%d:" % (_TAGS[type(value)], len(tokens)) + b"".join(tokens))
        return done[id(root)]

    def leaf(self, value: object) -> bytes | None:
        """Return the token of a value without parts; None for any other. No token begins another."""
        if isinstance(value, str | bytes | bytearray) and type(value) in _TAGS:
            return _scalar(value) if isinstance(value, str) else _bytes(value)
        if value is BLOCK:
            return b"X"
        try:
            codec = codec_of(value, self._codecs)
            if codec is not None:
                dtype, shape = codec.describe(value)
                about = encode((codec.name, dtype, tuple(map(int, shape))))
                return b"a" + about + _long_digest(codec.buffer(value))
            return encode(value)  # values of the engine's own types
        except Exception:  # noqa: BLE001 - unknown values, and arrays that a codec claims and cannot read
            return None


_TAGS: dict[type, bytes] = {
    list: b"l", tuple: b"t", dict: b"d", set: b"e", frozenset: b"z", str: b"s", bytes: b"b", bytearray: b"y"
}  # fmt: skip


def _children(value: Any) -> list[Any]:
    if type(value) is not dict:
        return list(value)
    return [part for item in value.items() for part in item]


def _scalar(value: Any) -> bytes:
    if type(value) is str and len(value) >= _LONG:
        return b"S" + _long_digest(value.encode("utf-8", "surrogatepass"))
    return encode(value)


def _bytes(value: bytes | bytearray) -> bytes:
    if len(value) >= _LONG:
        return _TAGS[type(value)].upper() + _long_digest(value)
    return b"%s%d:" % (_TAGS[type(value)], len(value)) + value


def _short_digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST_SIZE).digest()


def _long_digest(data: bytes | bytearray | memoryview) -> bytes:
    return hashlib.sha256(data).digest()[:DIGEST_SIZE]
