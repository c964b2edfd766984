"""Headers of safetensors files: eight bytes of length, a JSON object, and the tensors one after another.

The format: https://huggingface.co/docs/safetensors. What its own library refuses is refused here too: places that
overlap, leave holes, or do not fit type and shape.
"""

from __future__ import annotations

import hashlib
import json
import struct
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NoReturn

from diffusion.errors import DiffusionError
from diffusion.weight_files.header import BITS, Header, TensorInfo, UnreadHeader
from diffusion.weight_files.names import bad_name, shown
from diffusion.weight_files.usual_lists import read_usual_list

if TYPE_CHECKING:
    from typing import BinaryIO

AGAIN = "Copy or download the file again."
MOST_HEADER_BYTES = 100_000_000
"""As in the format's own library."""
MOST_TENSORS = 100_000
"""Ten times more than the largest model that people have."""

# A tensor of four dimensions has seven commas and three brackets. What has more of them than that many tensors is
# refused before it is parsed, for each costs memory, even an empty list.
_MOST_MARKS = 12 * MOST_TENSORS
_CHUNK = 1 << 20


def begin_safetensors(file: BinaryIO, size: int, name: str) -> UnreadHeader:
    """Reads the header of a file of `size` bytes, from its beginning, as far as its metadata. `name` is how errors
    call it. Needs the file no more when it returns.

    Raises DiffusionError for what is no header; reading on raises it for everything but a whole file.
    """
    begin = file.read(8)
    if len(begin) < 8:
        raise DiffusionError(f"{name} is cut short: it has {size:,} bytes, not even a header.", remedy=AGAIN)
    (length,) = struct.unpack("<Q", begin)
    if length > size - 8:
        raise DiffusionError(
            f"{name} is not a whole safetensors file: it ends inside its header "
            f"({length:,} bytes of header are told of, {size - 8:,} are there).",
            remedy=AGAIN,
        )
    if length > MOST_HEADER_BYTES:
        raise DiffusionError(
            f"{name} has a header of {length:,} bytes; at most {MOST_HEADER_BYTES:,} are read.",
            remedy="No model needs that much: the file is damaged or made to harm. Get it from another place.",
        )
    raw, base = _read_bounded(file, length, name), 8 + length
    metadata, start = _metadata_first(raw)
    if start < 0:
        return UnreadHeader(size, base, b"", {}, lambda: read_any(_text(raw, name), base, size, name))

    def read() -> Header:
        listed = raw[start:].decode("utf-8", "surrogateescape")  # no name may have what that makes
        tensors = read_usual_list(f"{{{listed}", base, size, MOST_TENSORS)
        if tensors is None:
            return read_any(_text(raw, name), base, size, name)
        return Header("safetensors", size, tensors, metadata)

    likeness = hashlib.sha256(b"alone" if start == 1 else b"after metadata")  # it must not have any, too, then
    end = raw[-_MOST_PADDING:]
    likeness.update(memoryview(raw)[start : len(raw) - len(end) + len(end.rstrip(b" "))])
    return UnreadHeader(size, base, likeness.digest(), metadata, read)


def _metadata_first(raw: bytes) -> tuple[dict[str, str], int]:
    """The metadata of a header, and the byte where the first name of a tensor begins; -1 where the header is not
    written as usual: of some size, metadata first, and only texts in them."""
    if len(raw) > _MOST_USUAL:
        return {}, -1
    if not raw.startswith(_METADATA):
        may_have_some = b"__metadata__" in raw or b"\\" in raw
        return {}, 1 if raw.startswith(b'{"') and not may_have_some else -1
    after = raw.find(b'"},"') + 2  # in texts they end so, too: then what is before is no JSON, and read in full
    try:
        text = raw[len(_METADATA) - 1 : after].decode("utf-8")
        pairs, end = _PAIRS.raw_decode(text)
    except (ValueError, RecursionError):
        return {}, -1
    metadata = dict(pairs)
    are_texts = len(metadata) == len(pairs) and all(type(value) is str for value in metadata.values())
    return (metadata, after + 1) if are_texts and end == len(text) else ({}, -1)


def _text(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(name, f"it is no UTF-8 at byte {error.start:,}", error)


def read_any(text: str, base: int, size: int, name: str) -> Header:
    """The header of a file of `size` bytes, whose tensors begin at `base`, however its text is written. Raises
    DiffusionError for everything but a whole file; `name` is how errors call it."""
    entries = _parse(text, base, name)
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict):
        _refuse(name, f"its metadata are {shown(metadata)} instead of an object")
    return Header("safetensors", size, _checked(entries, base, size, name), metadata)


_MOST_USUAL = 1 << 23  # the longest of real files have a few million letters, and each may take four bytes
_MOST_PADDING = 64  # the format's library fills its header up to a multiple of eight with spaces
_METADATA = b'{"__metadata__":{'
_PAIRS = json.JSONDecoder(object_pairs_hook=list)


def _read_bounded(file: BinaryIO, length: int, name: str) -> bytes:
    """The bytes of the header; refuses what would be too much once it is parsed, before all of it is read."""
    chunks, marks, left = [], 0, length
    while left:
        chunk = file.read(min(left, _CHUNK))
        if not chunk:
            raise DiffusionError(f"{name} became shorter while it was read.", remedy=AGAIN)
        chunks.append(chunk)
        left -= len(chunk)
        if length > _MOST_MARKS:
            marks += chunk.count(b",") + chunk.count(b"[") + chunk.count(b"{")
        if marks > _MOST_MARKS:
            raise DiffusionError(
                f"{name} tells of far more than {MOST_TENSORS:,} tensors, or of something else in their place.",
                remedy="No model has that many: the file is damaged or made to harm. Get it from another place.",
            )
    return b"".join(chunks)


def _parse(text: str, base: int, name: str) -> dict[str, Any]:
    """The header's object, where each object in it that describes a tensor is a TensorInfo; `base` is where the bytes
    of the tensors begin in the file."""
    twice: list[str] = []

    def make(pairs: list[tuple[str, Any]]) -> Any:
        try:
            (first, dtype), (second, shape), (third, (start, end)) = pairs
            in_order = first == "dtype" and second == "shape" and third == "data_offsets"
            if in_order and type(dtype) is str and type(shape) is list and type(start) is type(end) is int:
                return _new(TensorInfo, (dtype, tuple(shape), base + start, base + end))
        except (ValueError, TypeError):
            pass  # it is something else: whoever reads on sees what it is
        made = dict(pairs)
        if len(made) != len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                twice.extend([key] if key in seen else [])
                seen.add(key)
        elif made.keys() == set(_KEYS) and tuple(made) != _KEYS:
            return make([(key, made[key]) for key in _KEYS])
        return made

    try:
        content = json.loads(text, object_pairs_hook=make, parse_constant=_no_number)
    except RecursionError as error:
        _refuse(name, "it is nested too deep", error)
    except ValueError as error:
        _refuse(name, "it is no JSON", error)
    if twice:
        _refuse(name, f"{shown(twice[0])} is there twice")
    if not isinstance(content, dict):
        _refuse(name, "it is no JSON object")
    return content


_new = tuple.__new__  # a third of the time of TensorInfo(...), a thousand times a file
_KEYS = ("dtype", "shape", "data_offsets")


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _checked(entries: dict[str, Any], base: int, size: int, name: str) -> dict[str, TensorInfo]:
    """The entries, when each is a tensor whose bytes are as many as its type and shape need, and all of them together
    fill the file from `base` to its end exactly."""
    if len(entries) > MOST_TENSORS:
        raise DiffusionError(
            f"{name} tells of {len(entries):,} tensors; at most {MOST_TENSORS:,} are read.",
            remedy="No model has that many: the file is damaged or made to harm. Get it from another place.",
        )
    if (bad := bad_name(entries)) is not None:
        _refuse(name, f"{shown(bad)} is no name for a tensor")
    for key, tensor in entries.items():
        if type(tensor) is not TensorInfo:
            _refuse(name, f"{shown(key)} is no tensor with dtype, shape and data_offsets")
        dtype, shape, start, end = tensor
        count = 1
        for length in shape:
            if type(length) is not int or length < 0:
                _refuse(name, f"{shown(key)} has the shape {shown(list(shape))}")
            count *= length
        if count * BITS.get(dtype, 0) != (end - start) * 8 and dtype in BITS:
            _refuse(name, f"{shown(key)}, {dtype} {shown(list(shape))}, cannot take {end - start:,} bytes")
    at = base
    for tensor in sorted(entries.values(), key=itemgetter(2, 3)):
        if tensor.start != at or tensor.end < at:
            key = next(key for key, value in entries.items() if value is tensor)
            way = (
                "ends before it begins"
                if tensor.start == at
                else "overlaps another"
                if tensor.start < at
                else "leaves a hole before it"
            )
            _refuse(name, f"{shown(key)}, bytes {tensor.start - base:,} to {tensor.end - base:,}, {way}")
        at = tensor.end
    if at != size:
        says = "is cut short" if at > size else "is longer than its header tells"
        raise DiffusionError(f"{name} {says}: its header tells of {at:,} bytes, and {size:,} are there.", remedy=AGAIN)
    return entries


def _refuse(name: str, found: str, cause: Exception | None = None) -> NoReturn:
    raise DiffusionError(f"{name} is no safetensors file: its header cannot be read: {found}.", remedy=AGAIN) from cause
