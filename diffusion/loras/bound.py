"""Changes that depend on the weight that they change: OFT and DoRA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from diffusion.loras.contract import Change, shapes, wide

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, eq=False)
class Oft(Change):
    """Orthogonal finetuning (arXiv 2306.07280): the outputs of a layer are turned, block by block.

    `blocks` [count, size, size] with count * size outputs: the skew-symmetric part of each gives a rotation by Cayley's
    transform. Its norm is at most `constraint`, where that is above 0. `rescale` [out, 1, ...] stretches outputs.
    """

    kind = "oft"
    needs_weight = True
    blocks: Tensor
    constraint: float = 0.0
    rescale: Tensor | None = None

    @property
    def rank(self) -> int:
        """The size of a block."""
        return int(self.blocks.shape[-1])

    def misfit(self, shape: Sequence[int]) -> str:
        """Why it cannot change a weight of this shape."""
        if self.blocks.ndim != 3 or self.blocks.shape[1] != self.blocks.shape[2]:
            return f"its blocks have the shape {shapes(self.blocks)}, which are no squares"
        turned = self.blocks.shape[0] * self.blocks.shape[1]
        if len(shape) < 2 or turned != shape[0] or (self.rescale is not None and self.rescale.numel() != shape[0]):
            return f"it turns {turned} outputs, and the layer has the shape {list(shape)}"
        return ""

    def turn(self) -> Tensor:
        """The rotations [count, size, size]; outputs, as rows, are multiplied by them."""
        blocks = self.blocks.to(torch.float32)
        skew = blocks - blocks.transpose(1, 2)
        if self.constraint > 0:
            skew = skew * min(1.0, self.constraint / (float(torch.linalg.vector_norm(skew)) + 1e-8))
        one = torch.eye(self.rank, device=skew.device)
        # (1 + skew) (1 - skew)^-1, as LyCORIS has it; its rows are what it is multiplied by.
        return torch.linalg.solve(one - skew, one + skew, left=False)

    def delta(self, weight: Tensor) -> Tensor:
        """The change."""
        turn = wide(self.turn(), weight)
        rows = weight.reshape(len(turn), self.rank, -1)
        turned = torch.einsum("knm,kni->kmi", turn, rows).reshape(weight.shape)
        if self.rescale is not None:
            turned = turned * wide(self.rescale, weight).reshape(-1, *([1] * (weight.ndim - 1)))
        return turned - weight


@dataclass(frozen=True, eq=False)
class Dora(Change):
    """DoRA (arXiv 2402.09353): the sum of weight and change keeps its direction, and gets another length.

    `magnitude` has the dimensions of the weight; along those in which it is 1 long, lengths are taken.
    """

    kind = "dora"
    needs_weight = True
    of: Change
    magnitude: Tensor

    @property
    def rank(self) -> int:
        """That of the change."""
        return self.of.rank

    def misfit(self, shape: Sequence[int]) -> str:
        """Why it cannot change a weight of this shape."""
        if inner := self.of.misfit(shape):
            return inner
        given = tuple(self.magnitude.shape)
        fits = len(given) == len(shape) and all(a in (1, b) for a, b in zip(given, shape, strict=True))
        return "" if fits else f"its lengths have the shape {list(given)}, and the layer has the shape {list(shape)}"

    def delta(self, weight: Tensor) -> Tensor:
        """The change."""
        moved = weight + self.of.delta(weight)
        along = [axis for axis, side in enumerate(self.magnitude.shape) if side == 1]
        lengths = torch.linalg.vector_norm(moved, dim=along, keepdim=True) if along else moved.abs()
        factor = wide(self.magnitude, weight) / lengths.clamp_min(torch.finfo(torch.float32).tiny)
        return moved.mul_(factor).sub_(weight)
