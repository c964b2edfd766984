"""The file format: any program that reads safetensors can look into it, and what is damaged is refused unread."""

from __future__ import annotations

import io
import json
import struct

import pytest

from graph.caching.disk.safetensors_file import read_from, to_pieces
from graph.caching.disk.serialization import Buffer, DamagedError, Packed

PACKED = Packed(
    '{"skeleton": 1}',
    (
        Buffer("float32", (2, 3), memoryview(bytes(range(24)))),
        Buffer("u8", (5,), memoryview(b"hello")),
        Buffer("int64", (0,), memoryview(b"")),
    ),
)


def written(packed: Packed = PACKED) -> bytes:
    return b"".join(to_pieces(packed))


def read(data: bytes, size: int | None = None) -> tuple[str, list[bytearray]]:
    return read_from(io.BytesIO(data), len(data) if size is None else size)


def test_skeleton_and_bytes_come_out_as_they_went_in() -> None:
    assert read(written()) == ('{"skeleton": 1}', [bytearray(range(24)), bytearray(b"hello"), bytearray()])
    assert read(written(Packed("{}", ()))) == ("{}", [])


def test_the_header_is_that_of_safetensors() -> None:
    data = written()
    (length,) = struct.unpack("<Q", data[:8])
    assert length % 8 == 0, "arrays begin at whole words"
    header = json.loads(data[8 : 8 + length])
    assert header["000000"] == {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
    assert header["000001"] == {"dtype": "U8", "shape": [5], "data_offsets": [24, 29]}, "unknown types are bytes"
    assert header["000002"] == {"dtype": "I64", "shape": [0], "data_offsets": [29, 29]}
    assert len(data) == 8 + length + 29


def test_arrays_are_not_copied() -> None:
    memory = bytearray(b"hello")
    pieces = to_pieces(Packed("{}", (Buffer("uint8", (5,), memoryview(memory)),)))
    memory[0] = ord("j")
    assert bytes(pieces[-1]) == b"jello"


@pytest.mark.parametrize("length", range(0, len(written()), 3))
def test_a_file_that_is_cut_off_anywhere_is_damaged(length: int) -> None:
    with pytest.raises(DamagedError):
        read(written()[:length])


def with_header(change: dict[str, object] | bytes) -> bytes:
    data = written()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    text = change if isinstance(change, bytes) else json.dumps({**header, **change}).encode()
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


DAMAGES: dict[str, bytes] = {
    "no JSON": with_header(b"{"),
    "no object": with_header(b"[]"),
    "deep without end": with_header(b"[" * 100_000),
    "no metadata": with_header(b"{}"),
    "another format": with_header({"__metadata__": {"format": "other", "skeleton": "{}"}}),
    "a gap": with_header({"000001": {"data_offsets": [25, 29]}}),
    "an overlap": with_header({"000001": {"data_offsets": [20, 29]}}),
    "backwards": with_header({"000000": {"data_offsets": [0, -1]}}),
    "no numbers": with_header({"000000": {"data_offsets": ["0", "24"]}}),
    "no offsets": with_header({"000000": {}}),
    "too few bytes": written()[:-1],
    "too many bytes": written() + b"x",
    "a header of any length": struct.pack("<Q", 2**40) + b"{}",
}


@pytest.mark.parametrize("name", DAMAGES)
def test_what_is_no_such_file_is_damaged(name: str) -> None:
    with pytest.raises(DamagedError):
        read(DAMAGES[name])


def test_nothing_is_allocated_before_its_size_was_checked() -> None:
    huge = with_header({"000002": {"data_offsets": [29, 2**50]}})
    with pytest.raises(DamagedError, match="bytes of arrays"):
        read(huge)
