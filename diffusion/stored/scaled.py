"""A weight of eight bits with a scale: scaled fp8, and int8 whether rotated or not.

Files may bring a scale for activations beside it (`scale_input`, `input_scale`). It serves a product of eight-bit
numbers; here products are computed wide, so it is not needed and not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from diffusion.stored.contract import Stored, check_rows, check_shape, pieces
from diffusion.stored.eight_bits import readable
from diffusion.stored.rotation import rotate


@dataclass(frozen=True, eq=False)
class Scaled(Stored):
    """The values are `data * scale`, then rotated back in groups of `group` along the rows where that is not 0.

    `data`: fp8 or int8 [rows, ...]. `scale`: float32 [1], or [rows], one for each row. A rotated weight has two
    dimensions, and its groups fill its rows.
    """

    data: Tensor
    scale: Tensor
    group: int = 0

    def __post_init__(self) -> None:
        if self.scale.dim() != 1 or self.scale.numel() not in (1, self.data.shape[0]):
            raise ValueError(f"a scale of the shape {list(self.scale.shape)} for a weight of {list(self.data.shape)}")
        if self.group and (self.data.dim() != 2 or self.data.shape[1] % self.group):
            raise ValueError(f"groups of {self.group} do not fill the rows of a weight of {list(self.data.shape)}")

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that counts for the model."""
        return tuple(self.data.shape)

    @property
    def format(self) -> str:
        """How it is stored."""
        if self.data.dtype == torch.int8:
            return "int8 rotated" if self.group else "int8"
        return "fp8 scaled"

    def tensors(self) -> dict[str, Tensor]:
        """The tensors that it consists of."""
        return {"data": self.data, "scale": self.scale}

    def with_tensors(self, tensors: Mapping[str, Tensor]) -> Scaled:
        """The same weight with its tensors elsewhere."""
        return Scaled(tensors["data"], tensors["scale"], self.group)

    def fill(self, wide: Tensor) -> None:
        """Writes it wide."""
        if not wide.numel():
            return
        count = self.data.shape[0]
        target, source = wide.view(count, -1), self.data.view(count, -1)
        for start, end in pieces(count, source.shape[1], self.device):
            scale = self.scale if self.scale.numel() == 1 else self.scale[start:end]
            write = self._rotated if self.group else self._straight
            write(source[start:end], scale, target[start:end])

    @staticmethod
    def _straight(source: Tensor, scale: Tensor, target: Tensor) -> None:
        numbers, factor = readable(source)
        piece = target if target.dtype == torch.float32 else torch.empty_like(target, dtype=torch.float32)
        torch.mul(piece.copy_(numbers), _times(scale, factor).view(-1, 1), out=target)

    def _rotated(self, source: Tensor, scale: Tensor, target: Tensor) -> None:
        numbers, factor = readable(source.t().contiguous())
        target.copy_(rotate(numbers.to(torch.float32).mul_(_times(scale, factor)), self.group).t())

    def rows(self, start: int, end: int) -> Scaled:
        """Some rows over the same memory."""
        check_rows(start, end, self.shape)
        scale = self.scale if self.scale.numel() == 1 else self.scale[start:end]
        return Scaled(self.data[start:end], scale, self.group)

    def take(self, index: Tensor) -> Scaled:
        """A copy of the rows that `index` names."""
        scale = self.scale if self.scale.numel() == 1 else self.scale[index]
        return Scaled(self.data.view(torch.int8)[index].view(self.data.dtype), scale, self.group)

    def reshaped(self, *shape: int) -> Scaled:
        """The same values in another shape."""
        check_shape(shape, self.shape)
        return Scaled(self.data.view(shape), self.scale, self.group)


def _times(scale: Tensor, factor: float) -> Tensor:
    return scale if factor == 1.0 else scale * factor
