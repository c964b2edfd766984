"""How the engine looks into tensors and arrays: to fingerprint, count and store them (see `graph.results.arrays`).

No torch and no numpy is loaded here: a value of theirs cannot be there before they are. Plain tensors and arrays of
numbers are taken; subclasses, sparse, nested, quantized and meta tensors, those that gather gradients, and arrays of
objects or of foreign byte order are not: the engine then knows that it does not know them. The device of a tensor is no
part of its content: what comes back from a disk is on the CPU, and nodes move it to where they work.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

_TORCH_TYPES = frozenset(
    {
        "bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "bfloat16",
        "float32", "float64", "float8_e4m3fn", "float8_e5m2", "complex64", "complex128",
    }
)  # fmt: skip
_NUMPY_TYPES = frozenset(
    {
        "bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32",
        "float64", "complex64", "complex128",
    }
)  # fmt: skip
_SCALAR = "scalar "


class TorchTensors:
    """Plain tensors of torch, on any device."""

    name = "torch"

    def owns(self, value: object, /) -> bool:
        """Whether this is a plain tensor."""
        torch = sys.modules.get("torch")
        if torch is None or type(value) is not getattr(torch, "Tensor", None):
            return False
        tensor: Any = value
        plain = tensor.layout is torch.strided and not (tensor.is_meta or tensor.requires_grad or tensor.is_nested)
        return plain and _torch_name(tensor.dtype) in _TORCH_TYPES

    def describe(self, value: Any, /) -> tuple[str, tuple[int, ...]]:
        """Element type and shape."""
        return _torch_name(value.dtype), tuple(value.shape)

    def buffer(self, value: Any, /) -> memoryview:
        """The elements in row order; a tensor that lies so in the memory of the CPU is not copied."""
        if not value.numel():
            return memoryview(b"")
        torch = sys.modules["torch"]
        flat = value.detach().resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
        return memoryview(flat.view(torch.uint8).numpy())

    def restore(self, dtype: str, shape: Sequence[int], data: bytearray, /) -> Any:
        """A tensor on the CPU whose memory is `data`."""
        import torch

        if dtype not in _TORCH_TYPES:
            raise ValueError(f"there is no element type {dtype!r}")
        element = getattr(torch, dtype)
        _check(shape, element.itemsize, data)
        if not data:
            return torch.empty(tuple(shape), dtype=element)
        return torch.frombuffer(data, dtype=element).reshape(tuple(shape))

    def storages(self, value: Any, /) -> Iterable[tuple[Hashable, int]]:
        """The one storage that a tensor, and every view of it, lies in."""
        storage = value.untyped_storage()
        return [((str(value.device), storage.data_ptr()), storage.nbytes())] if storage.nbytes() else []


class NumpyArrays:
    """Arrays of numbers of numpy, and its scalars."""

    name = "numpy"

    def owns(self, value: object, /) -> bool:
        """Whether this is an array of numbers, or one number."""
        numpy = sys.modules.get("numpy")
        if numpy is None or not hasattr(numpy, "ndarray"):
            return False
        if type(value) is not numpy.ndarray and not isinstance(value, numpy.generic):
            return False
        dtype: Any = value.dtype  # type: ignore[attr-defined]
        return bool(dtype.isnative) and sys.byteorder == "little" and dtype.name in _NUMPY_TYPES

    def describe(self, value: Any, /) -> tuple[str, tuple[int, ...]]:
        """Element type and shape; a scalar is not an array without dimensions."""
        is_array = type(value) is sys.modules["numpy"].ndarray
        return ("" if is_array else _SCALAR) + value.dtype.name, tuple(value.shape)

    def buffer(self, value: Any, /) -> memoryview:
        """The elements in row order; an array that lies so is not copied."""
        numpy = sys.modules["numpy"]
        if not value.size:
            return memoryview(b"")
        return memoryview(numpy.ascontiguousarray(value).reshape(-1).view(numpy.uint8))

    def restore(self, dtype: str, shape: Sequence[int], data: bytearray, /) -> Any:
        """An array whose memory is `data`."""
        import numpy as np

        name = dtype.removeprefix(_SCALAR)
        if name not in _NUMPY_TYPES:
            raise ValueError(f"there is no element type {dtype!r}")
        _check(shape, np.dtype(name).itemsize, data)
        array = np.frombuffer(data, name).reshape(tuple(shape))
        return array[()] if dtype.startswith(_SCALAR) else array

    def storages(self, value: Any, /) -> Iterable[tuple[Hashable, int]]:
        """The memory of the array that this is a view of; a tensor of torch on the same memory has the same."""
        numpy = sys.modules["numpy"]
        if type(value) is not numpy.ndarray:
            return []
        whole = value
        while type(whole.base) is numpy.ndarray:
            whole = whole.base
        return [(("cpu", whole.__array_interface__["data"][0]), whole.nbytes)] if whole.nbytes else []


CODECS = (TorchTensors(), NumpyArrays())
"""What an engine that runs the built-in nodes is given."""


def _torch_name(dtype: object) -> str:
    return str(dtype).removeprefix("torch.")


def _check(shape: Sequence[int], itemsize: int, data: bytearray) -> None:
    if any(side < 0 for side in shape) or math.prod(shape) * itemsize != len(data):
        raise ValueError(f"{len(data)} bytes are no array of shape {tuple(shape)}")
