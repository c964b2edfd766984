"""The workflow and its run inside a PNG: a text chunk `jacquard` that holds JSON, put in and read back.

The chunk is an uncompressed iTXt (PNG specification, 11.3.3.4) behind the header, so that it is found without decoding
and survives programs that keep texts they do not know. Pictures come from strangers: reading checks every length and
checksum.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from graph.api import NodeContext, load_json

KEYWORD = b"jacquard"
MAX_BYTES = 16 * 2**20

_TEXTS = (b"iTXt", b"zTXt", b"tEXt")
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_END = len(_SIGNATURE) + 12 + 13
_UNCOMPRESSED = b"\0\0\0\0\0"
"""After the keyword: its end, no compression, method 0, no language, no translated keyword."""


class DamagedRecordError(ValueError):
    """A picture has a record that cannot be read; the message says what is wrong with it."""


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
    """The record inside a PNG, or None where there is none; raises `DamagedRecordError` for one that cannot be read.

    Other programs move, compress and rename texts: any of the three kinds of text counts, at any place, and the first
    that is whole. The editor reads the same (`web/src/document/png.ts`, `tests/cases/picture-records.json`).
    """
    damage: DamagedRecordError | None = None
    for kind, body, checked in _chunks(png):
        if kind not in _TEXTS or not body.startswith(KEYWORD + b"\0"):
            continue
        try:
            if not checked:
                raise DamagedRecordError("its checksum does not fit, or it is cut off")
            return _parse(_text(kind, body[len(KEYWORD) + 1 :]))
        except DamagedRecordError as error:
            damage = damage or error
    if damage:
        raise damage
    return None


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Kind and body of every chunk, and whether its checksum fits; of the last one, if it is cut off, what there is."""
    start = len(_SIGNATURE) if png.startswith(_SIGNATURE) else len(png)
    while start + 8 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, start)
        end = start + 8 + length
        body = png[start + 8 : end]
        checksum = png[end : end + 4]
        yield kind, body, checksum == struct.pack(">I", zlib.crc32(kind + body))
        if kind == b"IEND":
            return
        start = end + 4


def _text(kind: bytes, data: bytes) -> bytes:
    """The bytes of a text chunk behind its keyword, as UTF-8."""
    compressed = kind == b"zTXt"
    if kind == b"iTXt":
        flags, rest = data[:2], data[2:]
        parts = rest.split(b"\0", 2)  # language, translated keyword, text
        if flags not in (b"\0\0", b"\1\0") or len(parts) < 3:
            raise DamagedRecordError("its head is damaged")
        compressed, data = flags == b"\1\0", parts[2]
    elif compressed:
        if data[:1] != b"\0":
            raise DamagedRecordError("it is compressed in an unknown way")
        data = data[1:]
    if compressed:
        data = _inflated(data)
    if len(data) > MAX_BYTES:
        raise DamagedRecordError(f"it has more than {MAX_BYTES:,} bytes")
    if kind == b"iTXt":
        return data
    try:
        data.decode()
        return data
    except UnicodeDecodeError:  # by the rules these kinds hold Latin-1, and programs write UTF-8 all the same
        return data.decode("latin-1").encode()


def _inflated(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, MAX_BYTES + 1)
    except zlib.error:
        raise DamagedRecordError("its compressed text is damaged") from None
    if len(found) <= MAX_BYTES and (not stream.eof or stream.unused_data):
        raise DamagedRecordError("its compressed text is cut off, or more follows it")
    return found


def _parse(data: bytes) -> dict[str, Any]:
    try:
        record = load_json(data, "it")
    except ValueError as error:
        raise DamagedRecordError(str(error)) from None
    if not isinstance(record, dict):
        raise DamagedRecordError("it is no JSON object")
    return record


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
