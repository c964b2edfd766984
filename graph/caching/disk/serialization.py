"""A value as JSON and buffers, and back: a *skeleton* in JSON, and the buffers of its arrays and bytes.

The skeleton lists the parts of the value, inner parts first; parts refer to others by index. So shared parts stay
shared, and nesting may be deep. Plain numbers and texts stand where they are used; those that JSON cannot hold (NaN,
lone surrogates, very large integers) are parts. `pack` returns None for unknown objects and for values that contain
themselves. `unpack` accepts skeletons from anywhere and raises `DamagedError` for invalid ones.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graph.node_types.flow import BLOCK
from graph.results.arrays import ArrayCodec, codec_of

_CONTAINERS: dict[type, str] = {list: "list", tuple: "tuple", dict: "dict", set: "set", frozenset: "frozenset"}
_LARGEST = 2**53


class DamagedError(ValueError):
    """What was read is not what was written."""


class UnknownArrayError(Exception):
    """The value contains an array of a kind that this process cannot read; another one may."""


@dataclass(frozen=True, slots=True)
class Buffer:
    """The bytes of one array, with element type and shape for the file."""

    dtype: str
    shape: tuple[int, ...]
    data: memoryview


@dataclass(frozen=True, slots=True)
class Packed:
    """A value as skeleton and buffers."""

    skeleton: str
    buffers: tuple[Buffer, ...]


def pack(root: object, codecs: Sequence[ArrayCodec]) -> Packed | None:
    """Take a value apart, without copying contiguous memory. None when that is impossible."""
    parts: list[list[Any]] = []
    buffers: list[Buffer] = []
    places: dict[int, int] = {}
    entered: set[int] = set()
    pending = [root]

    def refer(item: object) -> Any:
        return {"part": places[id(item)]} if id(item) in places else item

    while pending:
        value = pending[-1]
        if id(value) in places or _is_plain(value):
            pending.pop()
            continue
        tag = _CONTAINERS.get(type(value))
        if tag is None:
            part = _leaf(value, buffers, codecs)
            if part is None:
                return None
        else:
            children = _children(value)
            if id(value) not in entered:
                entered.add(id(value))
                waiting = [item for item in children if not _is_plain(item) and id(item) not in places]
                if any(id(item) in entered for item in waiting):
                    return None
                if waiting:
                    pending += reversed(waiting)
                    continue
            part = [tag, *map(refer, children)]
        places[id(value)] = len(parts)
        parts.append(part)
    skeleton = json.dumps({"parts": parts, "value": refer(root)}, separators=(",", ":"), allow_nan=False)
    return Packed(skeleton, tuple(buffers))


def unpack(skeleton: str, buffers: Sequence[bytearray], codecs: Sequence[ArrayCodec]) -> Any:
    """Restore a value."""
    try:
        data = json.loads(skeleton)
        made: list[Any] = []
        for tag, *items in data["parts"]:
            made.append(_MAKERS[tag]([_follow(item, made) for item in items], buffers, codecs))
        return _follow(data["value"], made)
    except UnknownArrayError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a codec raises for wrong bytes
        raise DamagedError(f"it cannot be put together: {error}") from None


def _is_plain(value: object) -> bool:
    """Return whether JSON can hold a value as it is."""
    kind = type(value)
    if kind is str:
        return value.isascii() or _is_unicode(value)  # type: ignore[attr-defined, arg-type]
    if kind is int:
        return -_LARGEST < value < _LARGEST  # type: ignore[operator]
    if kind is float:
        return math.isfinite(value)  # type: ignore[arg-type]
    return kind is bool or value is None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _children(value: Any) -> list[Any]:
    if type(value) is not dict:
        return list(value)
    return [part for item in value.items() for part in item]


def _leaf(value: Any, buffers: list[Buffer], codecs: Sequence[ArrayCodec]) -> list[Any] | None:
    kind = type(value)
    if kind is str:
        return ["text", value.encode("utf-8", "surrogatepass").hex()]
    if kind is int:
        return ["int", f"{value:x}"]
    if kind is float:
        return [
            "float",
            struct.pack(">d", value).hex(),
        ]  # with all bits: 0/0 gives another NaN than float("nan")
    if value is BLOCK:
        return ["block"]
    if kind is bytes or kind is bytearray:
        buffers.append(Buffer("uint8", (len(value),), memoryview(value)))
        return [kind.__name__, len(buffers) - 1]
    codec = codec_of(value, codecs)
    if codec is None:
        return None
    dtype, shape = codec.describe(value)
    buffers.append(Buffer(dtype, tuple(shape), codec.buffer(value)))
    return ["array", codec.name, dtype, len(buffers) - 1, *shape]


def _follow(item: Any, made: list[Any]) -> Any:
    return made[item["part"]] if type(item) is dict else item


def _array(items: list[Any], buffers: Sequence[bytearray], codecs: Sequence[ArrayCodec]) -> Any:
    name, dtype, index, *shape = items
    for codec in codecs:
        if codec.name == name:
            return codec.restore(dtype, tuple(shape), buffers[index])
    raise UnknownArrayError(f"it holds an array of {name!r}, which nothing here can read")


_MAKERS: dict[str, Callable[[list[Any], Sequence[bytearray], Sequence[ArrayCodec]], Any]] = {
    "list": lambda items, _buffers, _codecs: items,
    "tuple": lambda items, _buffers, _codecs: tuple(items),
    "dict": lambda items, _buffers, _codecs: dict(zip(items[::2], items[1::2], strict=True)),
    "set": lambda items, _buffers, _codecs: set(items),
    "frozenset": lambda items, _buffers, _codecs: frozenset(items),
    "text": lambda items, _buffers, _codecs: bytes.fromhex(items[0]).decode("utf-8", "surrogatepass"),
    "int": lambda items, _buffers, _codecs: int(items[0], 16),
    "float": lambda items, _buffers, _codecs: struct.unpack(">d", bytes.fromhex(items[0]))[0],
    "block": lambda _items, _buffers, _codecs: BLOCK,
    "bytes": lambda items, buffers, _codecs: bytes(buffers[items[0]]),
    "bytearray": lambda items, buffers, _codecs: buffers[items[0]],
    "array": _array,
}
