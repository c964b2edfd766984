"""Frames between server and worker over a pipe. Each has a JSON object and a payload of bytes, such as a picture.

uint32 (big-endian) length of the JSON, the JSON, uint32 length of the payload, the payload. Never pickle: a worker runs
untrusted code, so its frames must be plain data.
"""

from __future__ import annotations

import asyncio
import json
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

import msgspec

from graph.base.gc_pacing import collector_at_rest
from graph.node_types.report_checks import whole_text

MAX_BYTES = 256 * 2**20
_LENGTH = struct.Struct(">I")


class FrameError(ValueError):
    """The bytes of the pipe are not a valid frame or message."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: the JSON of an object, and a payload."""

    head: bytes
    payload: bytes = b""


def encode(head: msgspec.Struct | dict[str, Any], payload: bytes = b"") -> bytes:
    """Returns the bytes of a frame."""
    text = to_json(head)
    return b"".join((_LENGTH.pack(len(text)), text, _LENGTH.pack(len(payload)), payload))


def to_json(data: object) -> bytes:
    """Returns structs and data as JSON without lone surrogates. NaN and infinity become null, other objects texts."""
    try:
        return _ENCODER.encode(data)
    except UnicodeEncodeError:  # a lone surrogate
        return _ENCODER.encode(_whole(msgspec.to_builtins(data, enc_hook=_plain)))


async def read(reader: asyncio.StreamReader) -> Frame | None:
    """Returns the next frame, or None at the end of the pipe. Raises `FrameError`."""
    try:
        text = await reader.readexactly(_length(await reader.readexactly(4)))
        payload = await reader.readexactly(_length(await reader.readexactly(4)))
    except asyncio.IncompleteReadError:
        return None
    return Frame(text, payload)


def read_blocking(file: BinaryIO) -> Frame | None:
    """Returns the next frame, or None at the end of the pipe. Raises `FrameError`."""
    parts: list[bytes] = []
    for _ in range(2):
        head = file.read(4)
        if len(head) < 4:
            return None
        length = _length(head)
        part = file.read(length)
        if len(part) < length:
            return None
        parts.append(part)
    return Frame(*parts)


def _length(head: bytes) -> int:
    length: int = _LENGTH.unpack(head)[0]
    if length > MAX_BYTES:
        raise FrameError(f"a frame of {length} bytes is announced; something else than frames was written")
    return length


def from_json(text: bytes) -> object:
    """Parses JSON. Raises `FrameError`."""
    try:
        with collector_at_rest():  # parsed JSON has no reference cycles
            return json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a frame does not hold JSON: {error}") from None


def read_object(frame: Frame) -> dict[str, Any]:
    """Parses the object of a frame. Raises `FrameError`."""
    data = from_json(frame.head)
    if not isinstance(data, dict):
        raise FrameError("a frame holds JSON that is no object")
    return data


def _plain(value: object) -> object:
    """Converts a number of an author's own class to that number, and anything else that JSON lacks to a text."""
    if isinstance(value, float):
        return float(value)
    return int(value) if isinstance(value, int) else str(value)


def _whole(data: Any) -> Any:
    if isinstance(data, str):
        return whole_text(data)
    if isinstance(data, dict):
        return {_whole(name): _whole(value) for name, value in data.items()}
    return [_whole(value) for value in data] if isinstance(data, list) else data


_ENCODER = msgspec.json.Encoder(enc_hook=_plain)
