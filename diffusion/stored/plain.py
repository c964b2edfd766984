"""A weight that is stored as numbers of one type: float32, float16, bfloat16, or fp8 without a scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from diffusion.stored.contract import Stored, check_rows, check_shape, pieces
from diffusion.stored.eight_bits import FP8_NAMES, readable

_NAMES = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16", torch.float64: "fp64", **FP8_NAMES}
_BY_FLOAT32 = {torch.float16, torch.bfloat16, *FP8_NAMES}


@dataclass(frozen=True, eq=False)
class Plain(Stored):
    """A weight whose values are `data`, of any type. fp8 without a scale is of this kind."""

    data: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that counts for the model."""
        return tuple(self.data.shape)

    @property
    def format(self) -> str:
        """How it is stored."""
        return _NAMES.get(self.data.dtype, str(self.data.dtype).removeprefix("torch."))

    def tensors(self) -> dict[str, Tensor]:
        """The tensors that it consists of."""
        return {"data": self.data}

    def with_tensors(self, tensors: Mapping[str, Tensor]) -> Plain:
        """The same weight with its tensors elsewhere."""
        return Plain(tensors["data"])

    def fill(self, wide: Tensor) -> None:
        """Writes it wide. By way of float32, which a processor is quicker at than from half to half."""
        source, target = self.data.reshape(-1), wide.view(-1)
        if source.dtype not in _BY_FLOAT32 or (target.dtype == torch.float32 and source.dtype not in FP8_NAMES):
            target.copy_(source)
            return
        for start, end in pieces(source.numel(), 1, self.device):
            numbers, factor = readable(source[start:end])
            piece = target[start:end]
            made = piece if piece.dtype == torch.float32 else torch.empty_like(piece, dtype=torch.float32)
            made.copy_(numbers)
            if factor != 1.0:
                made *= factor
            if made is not piece:
                piece.copy_(made)

    def widen(self, dtype: torch.dtype) -> Tensor:
        """The weight in a type."""
        return self.data if self.data.dtype == dtype else super().widen(dtype)

    def rows(self, start: int, end: int) -> Plain:
        """Some rows over the same memory."""
        check_rows(start, end, self.shape)
        return Plain(self.data[start:end])

    def take(self, index: Tensor) -> Plain:
        """A copy of the rows that `index` names."""
        raw = self.data.view(torch.uint8) if self.data.dtype in FP8_NAMES else self.data
        return Plain(raw[index].view(self.data.dtype))

    def reshaped(self, *shape: int) -> Plain:
        """The same values in another shape."""
        check_shape(shape, self.shape)
        return Plain(self.data.reshape(shape))
