"""The memory that values hold, with shared memory counted once.

`measure` splits a value into its own bytes and *shared* blocks, each with an identity: the storages of arrays, objects
with an `nbytes` attribute (model handles; those with the same `weights` are one block, and `beside` lists what else
they hold), and long texts. It traverses containers and dataclasses; any other object counts as small. To measure
several values, add up blocks by identity.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence

from graph.node_types.flow import BLOCK
from graph.results.arrays import ArrayCodec, codec_of

_PLAIN = frozenset({int, float, bool, type(None), type(BLOCK)})
_FEW = 8
_SHORT = 128
"""Texts up to this many characters need no exact measure."""
_LONG = 4096
"""Texts and bytes of at least this many bytes are shared blocks."""
_BITS = 1024
"""Integers up to this many bits need no exact measure."""
_OBJECT = 120
"""Bytes of an array object besides its storage."""

Pieces = dict[Hashable, int]


def small_size(values: tuple[object, ...]) -> int | None:
    """Return the rough size of a few plain numbers and short texts; None when they need measuring. Very cheap."""
    if len(values) > _FEW:
        return None
    total = 0
    for value in values:
        kind = type(value)
        if kind is str:
            if len(value) > _SHORT:  # type: ignore[arg-type]
                return None
            total += 80 + 4 * len(value)  # type: ignore[arg-type]
        elif kind in _PLAIN and not (kind is int and value.bit_length() > _BITS):  # type: ignore[attr-defined]
            total += 40
        else:
            return None
    return total


def measure(value: object, codecs: Sequence[ArrayCodec]) -> tuple[int, Pieces]:
    """Return a value's own bytes and its shared blocks. Traverses containers without recursion."""
    own = 0
    pieces: Pieces = {}
    seen: set[int] = set()
    pending = [value]
    while pending:
        item = pending.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if type(item) in _PLAIN:
            own += sys.getsizeof(item)
            continue
        codec = codec_of(item, codecs)
        if codec is not None:
            own += _OBJECT
            pieces.update(codec.storages(item))
            continue
        nbytes, holder = _declared(item)
        if nbytes is not None:
            pieces[id(holder)] = nbytes
            pending += _beside(item)
            continue
        size = _object_size(item)
        if isinstance(item, str | bytes | bytearray) and size >= _LONG:
            pieces[id(item)] = size
            continue
        own += size
        if isinstance(item, dict):
            pending += item.keys()
            pending += item.values()
        elif isinstance(item, list | tuple | set | frozenset):
            pending += item
        else:
            pending += _fields(item)
    return own, pieces


def _declared(item: object) -> tuple[int | None, object]:
    """Return the size that an object declares (`nbytes`), and the object whose memory that is."""
    try:
        nbytes = getattr(item, "nbytes", None)
        return (nbytes if isinstance(nbytes, int) else None), getattr(item, "weights", item)
    except Exception:  # noqa: BLE001 - an object of a pack; sparse tensors raise, too
        return None, item


def _beside(item: object) -> list[object]:
    """Return what an object that declares its size says that it holds besides."""
    try:
        return list(getattr(item, "beside", ()))
    except Exception:  # noqa: BLE001 - as above
        return []


def _fields(item: object) -> list[object]:
    """Return the field values of a dataclass."""
    try:
        return [getattr(item, name, None) for name in getattr(type(item), "__dataclass_fields__", ())]
    except Exception:  # noqa: BLE001 - as above
        return []


def _object_size(item: object) -> int:
    try:
        return sys.getsizeof(item, 64)
    except Exception:  # noqa: BLE001 - as above
        return 64
