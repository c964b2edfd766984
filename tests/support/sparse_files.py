"""Weight files of any size without weights: a header as the format has it, and a hole where the tensors would be."""

from __future__ import annotations

import json
import struct
from math import prod
from typing import TYPE_CHECKING, Any

from diffusion.weight_files.gguf import BLOCKS
from diffusion.weight_files.header import BITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_NUMBERS = {name: (number, values, size) for number, (name, values, size) in BLOCKS.items()}


def header_bytes(content: Any) -> bytes:
    """A header's length and its JSON; text is taken as it is."""
    raw = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    return struct.pack("<Q", len(raw)) + raw


def entries(tensors: Mapping[str, tuple[str, Sequence[int]]]) -> tuple[dict[str, Any], int]:
    """The entries of a safetensors header for tensors of these types and shapes, one after another, and their bytes."""
    at, found = 0, {}
    for name, (dtype, shape) in tensors.items():
        size = prod(shape) * BITS[dtype] // 8
        found[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    return found, at


def write_safetensors(
    path: Path,
    tensors: Mapping[str, tuple[str, Sequence[int]]],
    metadata: Mapping[str, str] | None = None,
    values: Mapping[str, bytes] | None = None,
) -> Path:
    """A safetensors file with tensors of these types and shapes; those of `values` hold these bytes, others nothing."""
    described, size = entries(tensors)
    begin = header_bytes({"__metadata__": dict(metadata), **described} if metadata else described)
    with path.open("wb") as file:
        file.write(begin)
        for name, value in (values or {}).items():
            file.seek(len(begin) + described[name]["data_offsets"][0])
            file.write(value)
        file.truncate(len(begin) + size)
    return path


def write_plain(
    path: Path, shapes: Mapping[str, Sequence[int]], dtype: str = "F16", metadata: Mapping[str, str] | None = None
) -> Path:
    """The same with one type for all tensors."""
    return write_safetensors(path, {name: (dtype, shape) for name, shape in shapes.items()}, metadata)


def gguf_text(text: str) -> bytes:
    """A text as GGUF has it."""
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def gguf_value(kind: int, packed: bytes) -> bytes:
    """A value of metadata: its kind, and its bytes."""
    return struct.pack("<I", kind) + packed


def write_gguf(
    path: Path,
    tensors: Mapping[str, tuple[str, Sequence[int]]],
    metadata: Mapping[str, bytes] | None = None,
    alignment: int = 32,
    version: int = 3,
) -> Path:
    """A GGUF file with tensors of these types and shapes (in the order of torch); metadata are values as `gguf_value`
    makes them."""
    listed, at = b"", 0
    for name, (dtype, shape) in tensors.items():
        number, values, size = _NUMBERS[dtype]
        sides = struct.pack(f"<{len(shape)}Q", *reversed(shape))
        listed += gguf_text(name) + struct.pack("<I", len(shape)) + sides + struct.pack("<IQ", number, at)
        at += -(-prod(shape) // values * size // alignment) * alignment
    texts = b"".join(gguf_text(key) + value for key, value in (metadata or {}).items())
    begin = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata or {})) + texts + listed
    with path.open("wb") as file:
        file.write(begin)
        file.truncate(-(-len(begin) // alignment) * alignment + at)
    return path
