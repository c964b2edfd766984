"""From a weight file to stored weights: the file is mapped into memory, and each weight is a view of it.

Nothing is read before somebody computes with it, and no second copy is made. Which tensors belong together, and how
they are spelled, is not decided here.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor

from diffusion.errors import DiffusionError
from diffusion.stored.contract import Stored
from diffusion.stored.gguf import TYPES, Gguf
from diffusion.stored.mapping import MappedFile
from diffusion.stored.plain import Plain
from diffusion.stored.scaled import Scaled
from diffusion.stored.spellings import Entry, entries
from diffusion.weight_files.header import Header, TensorInfo

_DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2, "I64": torch.int64, "I32": torch.int32,
    "I16": torch.int16, "I8": torch.int8, "U64": torch.uint64, "U32": torch.uint32, "U16": torch.uint16,
    "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip


def read_weights(path: Path, header: Header) -> dict[str, Stored]:
    """The weights of a file by name, on the CPU; `header` is the file's.

    Raises DiffusionError for a format that cannot be used (it says what to get instead), and for a header that does
    not fit the file.
    """
    return weights_in(map_file(path, header), header)


def map_file(path: Path, header: Header) -> MappedFile:
    """The file in memory; raises DiffusionError when it is no longer as long as its header says."""
    if path.stat().st_size != header.size:
        raise DiffusionError(
            f"{path.name} has changed while it was being read.", remedy="Wait until it is copied, and load it again."
        )
    return MappedFile(path, header.size)


def weights_in(mapped: MappedFile, header: Header) -> dict[str, Stored]:
    """The weights of a mapped file by name; errors as of `read_weights`."""
    raw = mapped.bytes
    for name, info in header.tensors.items():
        if not 0 <= info.start <= info.end <= header.size:
            raise _misfit(name, info)
    found = entries(header, lambda info: raw[info.start : info.end].numpy().tobytes())
    return {name: _stored(raw, name, entry) for name, entry in found.items()}


def _stored(raw: Tensor, name: str, entry: Entry) -> Stored:
    if entry.data.dtype in TYPES:
        return _blocks(raw, name, entry)
    data = _numbers(raw, name, entry.data, entry.shape)
    if entry.scale is None:
        return Plain(data)
    scale = _numbers(raw, f"the scale of {name}", entry.scale, entry.scale.shape)
    return Scaled(data, scale.to(torch.float32).reshape(-1), entry.group)


def _numbers(raw: Tensor, name: str, info: TensorInfo, shape: tuple[int, ...]) -> Tensor:
    dtype = _DTYPES[info.dtype]
    if math.prod(shape) * dtype.itemsize != info.end - info.start:
        raise _misfit(name, info)
    part = raw[info.start : info.end]
    if info.start % dtype.itemsize:  # allowed by safetensors, but such a view is not possible
        part = part.clone()
    try:
        return part.view(dtype).view(shape)
    except (RuntimeError, TypeError, OverflowError) as error:  # sides that no memory has, beside one of 0
        raise _misfit(name, info) from error


def _blocks(raw: Tensor, name: str, entry: Entry) -> Gguf:
    values, size, _ = TYPES[entry.data.dtype]
    count = math.prod(entry.shape)
    if count % values or count // values * size != entry.data.end - entry.data.start:
        raise _misfit(name, entry.data)
    return Gguf(raw[entry.data.start : entry.data.end].view(-1, size), entry.data.dtype, entry.shape)


def _misfit(name: str, info: TensorInfo) -> DiffusionError:
    return DiffusionError(
        f"The file says that {name} is {info.dtype} of the shape {list(info.shape)}, "
        f"and gives it the bytes {info.start} to {info.end}, which does not fit.",
        remedy="Copy or download the file again.",
    )
