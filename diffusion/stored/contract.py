"""What a stored weight is: bytes as a file holds them, which are widened when somebody computes with them.

A stored weight is a value: its tensors are never written to. What it costs is what the file holds; the wide copy
belongs to the caller, who drops it after use.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Self

import torch
from torch import Tensor


class Stored(ABC):
    """One weight as it is stored."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """The shape that counts for the model, in the order of torch."""

    @property
    @abstractmethod
    def format(self) -> str:
        """How it is stored, in a word or two of the field: "fp16", "fp8 scaled", "Q4_K"."""

    @abstractmethod
    def tensors(self) -> dict[str, Tensor]:
        """The tensors that it consists of, by their role; each has at least one dimension. They may lie in a mapped
        file, and move between devices as they are; their types must not change."""

    @abstractmethod
    def with_tensors(self, tensors: Mapping[str, Tensor]) -> Self:
        """The same weight with its tensors elsewhere."""

    @abstractmethod
    def fill(self, wide: Tensor) -> None:
        """Writes the weight into a contiguous tensor of `shape` on its device: computed in float32, and rounded once
        to the type of that tensor."""

    def widen(self, dtype: torch.dtype) -> Tensor:
        """The weight as a tensor of `shape` on its device, as `fill` writes it. What is stored in `dtype` already
        comes without a copy."""
        wide = torch.empty(self.shape, dtype=dtype, device=self.device)
        self.fill(wide)
        return wide

    @abstractmethod
    def rows(self, start: int, end: int) -> Self:
        """The rows (along the first dimension) from `start` to before `end`, over the same memory."""

    @abstractmethod
    def take(self, index: Tensor) -> Self:
        """The rows that `index` (int64 [count]) names, in its order: a copy of what is stored of them."""

    @abstractmethod
    def reshaped(self, *shape: int) -> Self:
        """The same values in another shape of as many rows, over the same memory."""

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        return next(iter(self.tensors().values())).device

    @property
    def nbytes(self) -> int:
        """Bytes that it takes as it is stored."""
        return sum(tensor.nbytes for tensor in self.tensors().values())

    def to(self, device: torch.device | str) -> Self:
        """The same weight on a device."""
        return self.with_tensors({role: _moved(tensor, device) for role, tensor in self.tensors().items()})


def _moved(tensor: Tensor, device: torch.device | str) -> Tensor:
    """The tensor on a device. What is one byte wide moves as bytes: Apple's GPUs do not know fp8."""
    if tensor.dtype.itemsize > 1:
        return tensor.to(device)
    return tensor.view(torch.uint8).to(device).view(tensor.dtype)


def pieces(count: int, width: int, device: torch.device) -> Iterator[tuple[int, int]]:
    """From 0 to `count` in steps: how many units of `width` values are widened at a time.

    Small enough that what lies between stays in a processor's cache; on a GPU most layers are done at once.
    """
    step = max(1, (1 << 18 if device.type == "cpu" else 1 << 24) // max(1, width))
    for start in range(0, count, step):
        yield start, min(count, start + step)


def check_rows(start: int, end: int, shape: tuple[int, ...]) -> None:
    """Raises IndexError unless the rows are there: a slice would quietly give fewer."""
    if not (shape and 0 <= start < end <= shape[0]):
        raise IndexError(f"rows {start} to {end} of a weight of the shape {list(shape)}")


def check_shape(new: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """Raises ValueError unless a weight can have the new shape: as many rows, as many values."""
    if new[:1] != shape[:1] or math.prod(new) != math.prod(shape):
        raise ValueError(f"a weight of the shape {list(shape)} cannot have the shape {list(new)}")
