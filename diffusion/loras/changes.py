"""What a LoRA does to one weight, by kind: all kinds in one table, with the two simplest of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from diffusion.loras.bound import Dora, Oft
from diffusion.loras.contract import Change, mismatch, wide
from diffusion.loras.products import LoHa, LoKr, LowRank

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["KINDS", "Change", "Difference", "Dora", "LoHa", "LoKr", "LowRank", "Oft", "Rows"]


@dataclass(frozen=True, eq=False)
class Difference(Change):
    """A change that is written out in full, of the shape of the weight."""

    kind = "difference"
    values: Tensor

    @property
    def rank(self) -> int:
        """0: it is not made of directions."""
        return 0

    def misfit(self, shape: Sequence[int]) -> str:
        """Why it cannot change a weight of this shape."""
        return mismatch(tuple(self.values.shape), shape)

    def delta(self, weight: Tensor) -> Tensor:
        """The change."""
        return wide(self.values, weight).reshape(weight.shape).clone()


@dataclass(frozen=True, eq=False)
class Rows(Change):
    """Some rows of a change that was made for a larger weight: its file keeps several layers in one.

    `shape` is that of the larger weight; the rows are those from `start` to before `end`. With `swaps_halves` the two
    halves of the rows change places.
    """

    kind = "rows"
    of: Change
    start: int
    end: int
    shape: tuple[int, ...]
    swaps_halves: bool = False

    @property
    def rank(self) -> int:
        """That of the change."""
        return self.of.rank

    def misfit(self, shape: Sequence[int]) -> str:
        """Why it cannot change a weight of this shape."""
        if self.of.needs_weight:
            return "it depends on several layers at once, which are apart in this model"
        return self.of.misfit(self.shape) or mismatch((self.end - self.start, *self.shape[1:]), shape)

    def delta(self, weight: Tensor) -> Tensor:
        """The change."""
        rows = self.of.delta(weight.new_empty(self.shape))[self.start : self.end]
        rows = rows.roll(len(rows) // 2, dims=0) if self.swaps_halves else rows
        return rows.reshape(weight.shape).clone()


KINDS: dict[str, type[Change]] = {cls.kind: cls for cls in (LowRank, LoHa, LoKr, Oft, Difference, Dora, Rows)}
"""The classes by the names of their kinds."""
