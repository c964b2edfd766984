"""What values hold in memory, so that memory that several of them share is counted once.

`measure` splits a value into bytes of its own and *shared* pieces, each with an identity: the storages of arrays, what
says its own `nbytes` (model handles; those that name the same `weights` are one piece), and long texts. It looks into
containers and dataclasses; any other object that does not say what it takes is taken for small. Whoever holds several
values adds up the pieces by identity.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence

from graph.node_types.flow import BLOCK
from graph.results.arrays import ArrayCodec, codec_of

_PLAIN = frozenset({int, float, bool, type(None), type(BLOCK)})
_FEW = 8
_SHORT = 128
"""Letters of a text that need not be measured."""
_LONG = 4096
"""Bytes from which on a text is a piece that may be shared."""
_BITS = 1024
"""Of a number that need not be measured."""
_OBJECT = 120
"""Bytes of an array besides its memory."""

Pieces = dict[Hashable, int]


def small_size(values: tuple[object, ...]) -> int | None:
    """Bytes of a few plain numbers and short texts, roughly; None when they need measuring. Costs next to nothing."""
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
    """Bytes of a value's own, and the pieces it may share with others. Looks into containers, without recursion."""
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
    """What an object says that it takes, and the object whose memory that is."""
    try:
        nbytes = getattr(item, "nbytes", None)
        return (nbytes if isinstance(nbytes, int) else None), getattr(item, "weights", item)
    except Exception:  # noqa: BLE001 - an object of a pack; sparse tensors raise, too
        return None, item


def _fields(item: object) -> list[object]:
    """What a dataclass holds."""
    try:
        return [getattr(item, name, None) for name in getattr(type(item), "__dataclass_fields__", ())]
    except Exception:  # noqa: BLE001 - as above
        return []


def _object_size(item: object) -> int:
    try:
        return sys.getsizeof(item, 64)
    except Exception:  # noqa: BLE001 - as above
        return 64
