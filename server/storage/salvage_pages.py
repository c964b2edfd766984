"""Reads rows from the pages of a damaged database that SQLite cannot reach.

Every page of the file is examined by itself, as https://sqlite.org/fileformat2.html describes it: leaf pages of a table
contain whole rows. The number and types of its columns tell to which table a row belongs. Free pages may have deleted
rows, so this is used only for tables of which SQLite could read nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_LEAF_OF_TABLE, _LEAF_OF_INDEX = 0x0D, 0x0A
_HEADER, _PAGE_SIZE = 100, 4096
_WIDTHS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8}
_LONGEST_CHAIN = 100_000


def rows_on_pages(path: Path) -> Iterator[tuple[bool, int, list[Any]]]:
    """Yields each complete row: whether its table has row numbers, the number, and the columns."""
    data = path.read_bytes()
    size = int.from_bytes(data[16:18], "big") if data.startswith(b"SQLite format 3\0") else _PAGE_SIZE
    size = 65536 if size == 1 else size
    if size < 512 or size & (size - 1):
        size = _PAGE_SIZE
    for start in range(0, len(data) - size + 1, size):
        head = start + (_HEADER if start == 0 else 0)
        kind = data[head]
        if kind not in (_LEAF_OF_TABLE, _LEAF_OF_INDEX):
            continue
        count = int.from_bytes(data[head + 3 : head + 5], "big")
        for cell in range(min(count, size // 4)):
            pointer = int.from_bytes(data[head + 8 + 2 * cell : head + 10 + 2 * cell], "big")
            try:
                yield _cell(data, start + pointer, size, numbered=kind == _LEAF_OF_TABLE)
            except (ValueError, IndexError, struct.error, UnicodeError):
                continue


def _cell(data: bytes, at: int, size: int, *, numbered: bool) -> tuple[bool, int, list[Any]]:
    length, at = _varint(data, at)
    number = 0
    if numbered:
        number, at = _varint(data, at)
    return numbered, number, _record(_payload(data, at, length, size, numbered=numbered))


def _payload(data: bytes, at: int, length: int, size: int, *, numbered: bool) -> bytes:
    """Returns the content of a cell; what does not fit on the page is on a chain of overflow pages."""
    if length > len(data):
        raise ValueError("it is longer than the file")
    most = size - 35 if numbered else (size - 12) * 64 // 255 - 23
    if length <= most:
        return data[at : at + length]
    least = (size - 12) * 32 // 255 - 23
    here = least + (length - least) % (size - 4)
    here = here if here <= most else least
    parts = [data[at : at + here]]
    following = int.from_bytes(data[at + here : at + here + 4], "big")
    remaining = length - here
    for _ in range(_LONGEST_CHAIN):
        if not remaining:
            return b"".join(parts)
        start = (following - 1) * size
        if following < 2 or start + size > len(data):
            raise ValueError("its chain of pages is broken")
        following = int.from_bytes(data[start : start + 4], "big")
        part = data[start + 4 : start + 4 + min(remaining, size - 4)]
        parts.append(part)
        remaining -= len(part)
    raise ValueError("its chain of pages has no end")


def _record(payload: bytes) -> list[Any]:
    length, at = _varint(payload, 0)
    kinds = []
    while at < length:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    if at != length or len(kinds) > 200:
        raise ValueError("its head is damaged")
    values = []
    for kind in kinds:
        width = _WIDTHS.get(kind, 0) if kind < 12 else (kind - 12) // 2
        part = payload[at : at + width]
        if len(part) < width or kind in (10, 11):
            raise ValueError("it is cut")
        at += width
        values.append(_value(kind, part))
    return values


def _value(kind: int, part: bytes) -> Any:
    if kind == 0:
        return None
    if kind in (8, 9):
        return kind - 8
    if kind == 7:
        return struct.unpack(">d", part)[0]
    if kind < 7:
        return int.from_bytes(part, "big", signed=True)
    return part.decode() if kind % 2 else part


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(9):
        byte = data[at + index]
        if index == 8:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + index + 1
    raise ValueError("no number")
