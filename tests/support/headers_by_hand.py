"""Headers of weight files, read by other means than those of the program."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from diffusion.weight_files.header import Header, TensorInfo


def header_of(path: Path) -> Header:
    """The header of a safetensors or a GGUF file."""
    return _gguf(path) if path.suffix == ".gguf" else _safetensors(path)


def _safetensors(path: Path) -> Header:
    content = path.read_bytes()
    begin = 8 + struct.unpack("<Q", content[:8])[0]
    found = json.loads(content[8:begin])
    metadata = found.pop("__metadata__", {})
    tensors = {
        name: TensorInfo(info["dtype"], tuple(info["shape"]), *(begin + at for at in info["data_offsets"]))
        for name, info in found.items()
    }
    return Header("safetensors", len(content), tensors, metadata)


def _gguf(path: Path) -> Header:
    import gguf

    reader = gguf.GGUFReader(path)
    tensors = {}
    for tensor in reader.tensors:
        shape = tuple(int(side) for side in reversed(tensor.shape))
        start = int(tensor.data_offset)
        tensors[tensor.name] = TensorInfo(tensor.tensor_type.name, shape, start, start + int(tensor.n_bytes))
    metadata = {name: field.contents() for name, field in reader.fields.items()}
    return Header("gguf", path.stat().st_size, tensors, metadata)
