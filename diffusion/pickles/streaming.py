"""A safetensors file, written tensor by tensor: no more memory than the largest of them.

Source: the format's own description (8 bytes of length, a header in JSON, the bytes of the tensors).
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import torch

_NAMES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
    torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2",
}  # fmt: skip


def write_safetensors(
    tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str], path: Path, wrote: Callable[[int, int], None]
) -> None:
    """Writes the tensors, largest elements first, so that each begins at a multiple of its element's size.

    `wrote(bytes so far, all bytes)` is called after each. Raises KeyError for a type of element without a name.
    """
    order = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    place = 0
    for name in order:
        tensor = tensors[name]
        end = place + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [place, end]}
        place = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    done = 0
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for name in order:
            tensor = tensors[name].contiguous()
            if tensor.numel():
                file.write(memoryview(tensor.reshape(-1).view(torch.uint8).numpy()))
            done += tensor.numel() * tensor.element_size()
            wrote(done, place)
        file.flush()
        os.fsync(file.fileno())
