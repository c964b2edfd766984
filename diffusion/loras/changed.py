"""A stored weight with changes: what is stored stays as it is, and the changes are added each time it is widened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from diffusion.loras.contract import Change
from diffusion.stored.contract import Stored
from diffusion.stored.plain import Plain


@dataclass(frozen=True, eq=False)
class Changed(Stored):
    """`base` plus each change times its strength, computed in float32 and rounded once."""

    base: Stored
    changes: Sequence[tuple[Change, float]] = field(repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that counts for the model."""
        return self.base.shape

    @property
    def format(self) -> str:
        """How it is stored."""
        return self.base.format

    def tensors(self) -> dict[str, Tensor]:
        """The tensors of what is stored; those of the changes are not among them."""
        return self.base.tensors()

    def with_tensors(self, tensors: Mapping[str, Tensor]) -> Changed:
        """The same weight with its tensors elsewhere."""
        return Changed(self.base.with_tensors(tensors), self.changes)

    def fill(self, wide: Tensor) -> None:
        """Writes it wide."""
        base = wide if wide.dtype == torch.float32 else torch.empty_like(wide, dtype=torch.float32)
        self.base.fill(base)
        wide.copy_(added(base, self.changes))

    def widen(self, dtype: torch.dtype) -> Tensor:
        """The weight in a type."""
        wide = torch.empty(self.shape, dtype=dtype, device=self.device)
        self.fill(wide)
        return wide

    def rows(self, start: int, end: int) -> Plain:
        """Some rows, widened to float32."""
        return Plain(self.widen(torch.float32)[start:end])

    def take(self, index: Tensor) -> Plain:
        """The rows that `index` names, widened to float32."""
        return Plain(self.widen(torch.float32)[index])

    def reshaped(self, *shape: int) -> Plain:
        """The values in another shape, widened to float32."""
        return Plain(self.widen(torch.float32).reshape(shape))


def added(weight: Tensor, changes: Sequence[tuple[Change, float]]) -> Tensor:
    """A float32 weight with changes, each times its strength, in a tensor of its own.

    Each change is that of the weight without the others, so that their order does not count.
    """
    total = weight.clone(memory_format=torch.contiguous_format)
    for change, strength in changes:
        total.add_(change.delta(weight), alpha=strength)
    return total
