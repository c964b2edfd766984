"""The safetensors format: a JSON header, then the bytes of arrays one after the other. Knows no values.

Written and read without copies between memory and file; any program that reads safetensors can open the files. Element
types without a name in the format are stored as bytes. Invalid files raise `DamagedError`; sizes are checked before
memory is allocated.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from graph.caching.disk.serialization import DamagedError, Packed

_FORMAT = "jacquard-1"
_NAMES = {
    "bool": "BOOL", "uint8": "U8", "int8": "I8", "uint16": "U16", "int16": "I16", "uint32": "U32", "int32": "I32",
    "uint64": "U64", "int64": "I64", "float16": "F16", "bfloat16": "BF16", "float32": "F32", "float64": "F64",
    "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "complex64": "C64",
}  # fmt: skip
_LARGEST_HEADER = 64 * 2**20


def to_pieces(packed: Packed) -> list[memoryview]:
    """Return the pieces of the file, in order."""
    header: dict[str, Any] = {"__metadata__": {"format": _FORMAT, "skeleton": packed.skeleton}}
    start = 0
    for number, buffer in enumerate(packed.buffers):
        stop = start + buffer.data.nbytes
        name = _NAMES.get(buffer.dtype)
        shape = list(buffer.shape) if name else [buffer.data.nbytes]
        header[f"{number:06}"] = {"dtype": name or "U8", "shape": shape, "data_offsets": [start, stop]}
        start = stop
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    head = struct.pack("<Q", len(text)) + text
    return [memoryview(head), *(buffer.data for buffer in packed.buffers if buffer.data.nbytes)]


def read_from(file: BinaryIO, size: int) -> tuple[str, list[bytearray]]:
    """Read skeleton and buffers from an open file of a size."""
    (length,) = struct.unpack("<Q", _read(file, 8, size))
    if length > _LARGEST_HEADER:
        raise DamagedError("its header is too long")
    try:
        header = json.loads(_read(file, length, size - 8))
        about = header.pop("__metadata__")
        if about["format"] != _FORMAT:
            raise DamagedError(f"its format is {about['format']!r}")
        offsets = [header[name]["data_offsets"] for name in sorted(header)]
        sizes = list(_sizes(offsets, size - 8 - length))
        skeleton = about["skeleton"]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise DamagedError(f"its header cannot be read: {error}") from None
    return str(skeleton), [_read(file, nbytes, nbytes) for nbytes in sizes]


def _sizes(offsets: Sequence[Any], room: int) -> Iterator[int]:
    """Yield the length of each array; arrays follow each other without gaps and end with the file."""
    end = 0
    for start, stop in offsets:
        if type(start) is not int or type(stop) is not int or start != end or stop < start:
            raise DamagedError("its arrays do not follow each other")
        yield stop - start
        end = stop
    if end != room:
        raise DamagedError(f"it holds {room} bytes of arrays instead of {end}")


def _read(file: BinaryIO, nbytes: int, at_most: int) -> bytearray:
    if nbytes > at_most:
        raise DamagedError("it is cut off")
    data = bytearray(nbytes)
    view = memoryview(data)
    while view:
        count = file.readinto(view)  # type: ignore[attr-defined]
        if not count:
            raise DamagedError("it is cut off")
        view = view[count:]
    return data
