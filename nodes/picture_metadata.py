"""The workflow and its run inside a PNG: a text chunk `jacquard` that holds JSON, put in and read back.

The chunk is an uncompressed iTXt (PNG specification, 11.3.3.4) behind the header, so that it is found without decoding
and survives programs that keep texts they do not know. Pictures come from strangers: reading checks every length.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from graph.api import NodeContext

KEYWORD = b"jacquard"
MAX_BYTES = 16 * 2**20

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_END = len(_SIGNATURE) + 12 + 13
_UNCOMPRESSED = b"\0\0\0\0\0"
"""After the keyword: its end, no compression, method 0, no language, no translated keyword."""


def describe(ctx: NodeContext) -> dict[str, Any]:
    """What a saved picture tells about how it was made."""
    return {"workflow": ctx.record.workflow(), "run": {"run_id": ctx.record.run_id, **ctx.record.details()}}


def embed(png: bytes, record: Mapping[str, Any]) -> bytes:
    """The PNG with `record` inside. NaN and infinities become null: they are not JSON."""
    text = json.dumps(_plain(record), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        data = text.encode()
    except UnicodeEncodeError:  # half a surrogate pair in a prompt
        data = json.dumps(_plain(record), allow_nan=False, separators=(",", ":")).encode()
    return png[:_HEADER_END] + _chunk(b"iTXt", KEYWORD + _UNCOMPRESSED + data) + png[_HEADER_END:]


def read(png: bytes) -> dict[str, Any] | None:
    """The record inside a PNG, or None where there is none, or none that can be read."""
    if not png.startswith(_SIGNATURE):
        return None
    start = len(_SIGNATURE)
    while start + 12 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, start)
        if kind == b"IDAT" or start + 12 + length > len(png):
            return None
        if kind == b"iTXt" and length <= MAX_BYTES:
            body = png[start + 8 : start + 8 + length]
            if body.startswith(KEYWORD + _UNCOMPRESSED):
                return _parse(body[len(KEYWORD + _UNCOMPRESSED) :])
        start += 12 + length
    return None


def _parse(data: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _plain(value: Any) -> Any:
    """`value` as JSON holds it: mappings, lists, texts, finite numbers; anything else by its text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
