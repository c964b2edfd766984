"""Headers of GGUF files: counts, metadata, the list of tensors, and then the tensors.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Long arrays (the words of tokenizers) are passed
over and never become objects. Shapes are turned into the order of torch; where a tool had to flatten a tensor to
quantise it, its metadata tell the shape it had.
"""

from __future__ import annotations

import struct
from math import prod
from typing import TYPE_CHECKING, Any, NoReturn

from diffusion.errors import DiffusionError
from diffusion.weight_files.header import Header, LongArray, TensorInfo
from diffusion.weight_files.names import bad_name, shown

if TYPE_CHECKING:
    from typing import BinaryIO

AGAIN = "Copy or download the file again."
MAGIC = b"GGUF"
MOST_HEADER_BYTES = 100_000_000
MOST_TENSORS = 100_000
MOST_METADATA = 100_000
MOST_WORDS = 2_000_000
"""Of all tokenizers in a file; the largest have 300,000, and as many rules."""

# name, number of the type, values in a block, bytes of a block
_TYPES = """
F32 0 1 4, F16 1 1 2, Q4_0 2 32 18, Q4_1 3 32 20, Q5_0 6 32 22, Q5_1 7 32 24, Q8_0 8 32 34, Q8_1 9 32 36,
Q2_K 10 256 84, Q3_K 11 256 110, Q4_K 12 256 144, Q5_K 13 256 176, Q6_K 14 256 210, Q8_K 15 256 292,
IQ2_XXS 16 256 66, IQ2_XS 17 256 74, IQ3_XXS 18 256 98, IQ1_S 19 256 50, IQ4_NL 20 32 18, IQ3_S 21 256 110,
IQ2_S 22 256 82, IQ4_XS 23 256 136, I8 24 1 1, I16 25 1 2, I32 26 1 4, I64 27 1 8, F64 28 1 8, IQ1_M 29 256 56,
BF16 30 1 2, TQ1_0 34 256 54, TQ2_0 35 256 66, MXFP4 39 32 17
"""
BLOCKS = {int(n): (name, int(v), int(b)) for name, n, v, b in (row.split() for row in _TYPES.split(","))}
"""The types of ggml by number: name, values in a block, bytes of a block. Others are kept by their number."""

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, _ARRAY = 8, 9
_MOST_DIMENSIONS = 8
_SHORT_ARRAY = 64
_CHUNK = 1 << 16


def read_gguf(file: BinaryIO, size: int, name: str) -> Header:
    """Reads the header of a file of `size` bytes, from its beginning. `name` is how errors call it.

    Raises DiffusionError for everything but a whole file of version 2 or 3 in little-endian order.
    """
    try:
        return _read(_Reader(file, size), size, name)
    except EOFError as error:
        if size > MOST_HEADER_BYTES:
            _refuse(name, f"its header does not end within {MOST_HEADER_BYTES:,} bytes", error)
        raise DiffusionError(f"{name} is cut short: it ends inside its header.", remedy=AGAIN) from error


class _Reader:
    """The beginning of a file, read in pieces as far as it is asked for."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._end = min(size, MOST_HEADER_BYTES)
        self._bytes = bytearray()
        self.at = 0
        self.words = 0

    def skip(self, count: int) -> int:
        """Moves on, and returns where it was; raises EOFError when the header cannot be that long."""
        before, self.at = self.at, self.at + count
        if self.at > self._end:
            raise EOFError
        if self.at > len(self._bytes):
            wanted = max(self.at - len(self._bytes), _CHUNK, len(self._bytes))
            self._bytes += self._file.read(min(wanted, self._end - len(self._bytes)))
            if self.at > len(self._bytes):
                raise EOFError
        return before

    def take(self, count: int) -> bytes:
        before = self.skip(count)
        return bytes(self._bytes[before : self.at])

    def number(self, code: str) -> Any:
        return struct.unpack_from(f"<{code}", self._bytes, self.skip(struct.calcsize(f"<{code}")))[0]

    def text(self) -> str:
        return self.take(self.number("Q")).decode("utf-8", "backslashreplace")


def _read(reader: _Reader, size: int, name: str) -> Header:
    if reader.take(4) != MAGIC:
        _refuse(name, "it does not begin with GGUF")
    version = reader.number("I")
    if version not in (2, 3):
        swapped = int.from_bytes(version.to_bytes(4, "little"), "big")
        found = "it is big-endian" if swapped in (2, 3) else f"its version is {version}; versions 2 and 3 are read"
        raise DiffusionError(f"{name} cannot be read: {found}.", remedy="Get it in version 3, little-endian.")
    tensor_count, metadata_count = reader.number("Q"), reader.number("Q")
    for what, count, most in (("tensors", tensor_count, MOST_TENSORS), ("texts", metadata_count, MOST_METADATA)):
        if count > most:
            _refuse(name, f"it tells of {count:,} {what}; at most {most:,} are read")
    metadata: dict[str, object] = {}
    for _ in range(metadata_count):
        key = reader.text()
        if key in metadata:
            _refuse(name, f"{shown(key)} is there twice")
        metadata[key] = _value(reader, reader.number("I"), name)
    rows = [_row(reader, name) for _ in range(tensor_count)]
    alignment = metadata.get("general.alignment", 32)
    if type(alignment) is not int or not 0 < alignment <= 1 << 20 or alignment % 8:
        _refuse(name, f"its alignment is {shown(alignment)}")
    base = -(-reader.at // alignment) * alignment
    tensors = _placed(rows, metadata, alignment, base, size, name)
    return Header("gguf", size, tensors, metadata)


def _value(reader: _Reader, kind: int, name: str) -> object:
    if kind in SCALARS:
        return reader.number(SCALARS[kind])
    if kind == STRING:
        return reader.text()
    if kind != _ARRAY:
        _refuse(name, f"it has a value of the unknown kind {kind}")
    item, count = reader.number("I"), reader.number("Q")
    start = reader.at
    if item in SCALARS:
        code = SCALARS[item]
        if count <= _SHORT_ARRAY:
            return tuple(reader.number(code) for _ in range(count))
        reader.skip(count * struct.calcsize(f"<{code}"))
    elif item == STRING:
        reader.words += count
        if reader.words > MOST_WORDS:
            _refuse(name, f"it has arrays of {reader.words:,} texts; at most {MOST_WORDS:,} are read")
        for _ in range(count):
            reader.skip(reader.number("Q"))
    else:
        _refuse(name, f"it has an array of kind {item}, and none of arrays is read")
    return LongArray(item, count, start)


def _row(reader: _Reader, name: str) -> tuple[str, tuple[int, ...], int, int]:
    """Name, shape in the order of torch, type and place of one tensor."""
    key, dimensions = reader.text(), reader.number("I")
    if dimensions > _MOST_DIMENSIONS:
        _refuse(name, f"{shown(key)} has {dimensions:,} dimensions")
    shape = tuple(reader.number("Q") for _ in range(dimensions))
    return key, shape[::-1], reader.number("I"), reader.number("Q")


def _placed(
    rows: list[tuple[str, tuple[int, ...], int, int]],
    metadata: dict[str, object],
    alignment: int,
    base: int,
    size: int,
    name: str,
) -> dict[str, TensorInfo]:
    """The tensors, when each has the bytes it needs, one after another from `base` on, within the file."""
    names = [row[0] for row in rows]
    if (bad := bad_name(names)) is not None:
        _refuse(name, f"{shown(bad)} is no name for a tensor")
    if len(set(names)) != len(names):
        _refuse(name, "a tensor is there twice")
    found: dict[str, TensorInfo] = {}
    at = base
    ordered = sorted(rows, key=lambda row: row[3])
    for number, (key, shape, kind, offset) in enumerate(ordered):
        start = base + offset
        if start != at:
            way = "overlaps another" if start < at else "leaves a hole before it"
            _refuse(name, f"{shown(key)}, from byte {offset:,}, {way}")
        if kind in BLOCKS:
            dtype, values, block = BLOCKS[kind]
            if shape and shape[-1] % values:
                _refuse(name, f"{shown(key)}, {dtype} {list(shape)}, does not go into blocks of {values}")
            end = start + prod(shape) // values * block
        else:
            dtype = f"GGML_{kind}"
            end = base + ordered[number + 1][3] if number + 1 < len(ordered) else max(size, start)
        if end > size:
            raise DiffusionError(
                f"{name} is cut short: its header tells of {end:,} bytes, and {size:,} are there.", remedy=AGAIN
            )
        found[key] = TensorInfo(dtype, _original(name, key, shape, metadata), start, end)
        at = -(-end // alignment) * alignment
    return {key: found[key] for key in names}


def _original(name: str, key: str, shape: tuple[int, ...], metadata: dict[str, object]) -> tuple[int, ...]:
    """The shape of a tensor before it was made to fit its blocks, which tools write beside it."""
    told = metadata.get(f"comfy.gguf.orig_shape.{key}", shape)
    if (
        not isinstance(told, tuple)
        or not all(type(side) is int and side > 0 for side in told)
        or prod(told) != prod(shape)
    ):
        _refuse(name, f"{shown(key)} has the shape {list(shape)}, which cannot be the one that is told beside it")
    return told


def _refuse(name: str, found: str, cause: Exception | None = None) -> NoReturn:
    raise DiffusionError(f"{name} is no GGUF file that can be read: {found}.", remedy=AGAIN) from cause
