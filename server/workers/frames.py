"""Frames: how server and worker talk over a pipe. Each is JSON and, where a picture comes with it, bytes.

uint32 (big-endian) length of the JSON, the JSON, uint32 length of the payload, the payload. Never pickle: a worker
runs strangers' code, and what it sends is read as data.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from graph.base.gc_pacing import collector_at_rest
from graph.node_types.report_checks import whole_text

MAX_BYTES = 256 * 2**20
_LENGTH = struct.Struct(">I")
_SURROGATE = "\\ud"


class FrameError(ValueError):
    """What came over the pipe is no frame."""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that was said: `data` has a "type"; `payload` is an encoded picture or empty."""

    data: dict[str, Any]
    payload: bytes = b""

    @property
    def type(self) -> str:
        """What kind of message it is."""
        return str(self.data.get("type", ""))


def encode(data: dict[str, Any], payload: bytes = b"", raw: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a frame; `raw` holds further fields that are JSON text already.

    Raises `ValueError` for NaN and infinity; what JSON does not know is sent as its text.
    """
    pieces = [to_json(data).encode()]
    for name, value in (raw or {}).items():  # which may be very long: it is copied as seldom as can be
        comma = b"," if pieces[-1] != b"{}" else b""
        pieces[-1] = pieces[-1][:-1]
        pieces += [comma, json.dumps(name).encode(), b":", value.encode(), b"}"]
    length = sum(map(len, pieces))
    return b"".join((_LENGTH.pack(length), *pieces, _LENGTH.pack(len(payload)), payload))


def to_json(data: object) -> str:
    """The JSON text of some data, in ASCII and of whole characters. Raises `ValueError` for NaN and infinity."""
    text = json.dumps(data, allow_nan=False, default=str, separators=(",", ":"))
    if _SURROGATE in text:  # of a pair, or half of a character
        text = json.dumps(_whole(data), allow_nan=False, default=str, separators=(",", ":"))
    return text


async def read(reader: asyncio.StreamReader) -> Message | None:
    """The next frame; None at the end of the pipe. Raises `FrameError`."""
    try:
        text = await reader.readexactly(_length(await reader.readexactly(4)))
        payload = await reader.readexactly(_length(await reader.readexactly(4)))
    except asyncio.IncompleteReadError:
        return None
    return _message(text, payload)


def read_blocking(file: BinaryIO) -> Message | None:
    """The next frame; None at the end of the pipe. Raises `FrameError`."""
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
    return _message(*parts)


def _length(head: bytes) -> int:
    length: int = _LENGTH.unpack(head)[0]
    if length > MAX_BYTES:
        raise FrameError(f"a frame of {length} bytes is announced; something else than frames was written")
    return length


def from_json(text: bytes) -> object:
    """What some JSON says. Raises `FrameError`."""
    try:
        with collector_at_rest():  # what is read refers to nothing in a circle
            return json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a frame does not hold JSON: {error}") from None


def _whole(data: Any) -> Any:
    if isinstance(data, str):
        return whole_text(data)
    if isinstance(data, dict):
        return {_whole(name): _whole(value) for name, value in data.items()}
    return [_whole(value) for value in data] if isinstance(data, list | tuple) else data


def _message(text: bytes, payload: bytes) -> Message:
    data = from_json(text)
    if not isinstance(data, dict):
        raise FrameError("a frame holds JSON that is no object")
    return Message(data, payload)
