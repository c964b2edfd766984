"""Changes that are products of small matrices: LoRA, LoHa and LoKr. They do not depend on the weight they change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from diffusion.loras.contract import Change, mismatch, shapes, wide

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, eq=False)
class LowRank(Change):
    """LoRA (arXiv 2106.09685), and LoCon of convolutions: (alpha / rank) * up @ down.

    `down` [rank, in] or [rank, in, height, width]; `up` [out, rank] or [out, rank, 1, 1]. With `mid`
    [rank, rank, height, width] the change of a convolution is split once more (CP), and `down` is [rank, in, 1, 1].
    """

    kind = "lora"
    down: Tensor
    up: Tensor
    alpha: float
    mid: Tensor | None = None

    @property
    def rank(self) -> int:
        """The rows of `down`."""
        return int(self.down.shape[0])

    def misfit(self, shape: Sequence[int]) -> str:
        """Why it cannot change a weight of this shape."""
        down, up, mid = self.down, self.up, self.mid
        if down.ndim < 2 or up.ndim < 2 or not up.shape[1] or not down.shape[0]:
            return f"its parts have the shapes {shapes(up, down)}, which are no matrices"
        if mid is not None:
            right = mid.ndim == 4 and tuple(mid.shape[:2]) == (up.shape[1], down.shape[0])
            area = mid.shape[2:] if right else ()
        else:
            right, area = up.shape[1] == down.shape[0], down.shape[2:]
        if not right or math.prod(up.shape[2:]) != 1 or (mid is not None and math.prod(down.shape[2:]) != 1):
            return f"its parts have the shapes {shapes(*self.tensors().values())}, which do not go together"
        return mismatch((up.shape[0], down.shape[1], *area), shape)

    def delta(self, weight: Tensor) -> Tensor:
        """The change."""
        down, up = wide(self.down, weight).flatten(1), wide(self.up, weight).flatten(1)
        if self.mid is not None:
            product = torch.einsum("oa,abhw,bi->oihw", up, wide(self.mid, weight), down)
        else:
            product = up @ down
        return product.reshape(weight.shape).mul_(self.alpha / self.rank)


@dataclass(frozen=True, eq=False)
class LoHa(Change):
    """Two low-rank products, multiplied value by value (arXiv 2108.06098): (alpha / rank) * (w1a @ w1b) * (w2a @ w2b).

    `w1a`, `w2a` [out, rank]; `w1b`, `w2b` [rank, in * height * width]. With `t1`, `t2` [rank, rank, height, width] each
    product is one of three (CP), and `w1a`, `w2a` are [rank, out], the others [rank, in].
    """

    kind = "loha"
    w1a: Tensor
    w1b: Tensor
    w2a: Tensor
    w2b: Tensor
    alpha: float
    t1: Tensor | None = None
    t2: Tensor | None = None

    @property
    def rank(self) -> int:
        """The rows of `w1b`."""
        return int(self.w1b.shape[0])

    def misfit(self, shape: Sequence[int]) -> str:
        """Why it cannot change a weight of this shape."""
        given = list(self.tensors().values())
        pairs = ((self.w1a, self.w1b, self.t1), (self.w2a, self.w2b, self.t2))
        made = {_product_shape(a, b, core, a_is_turned=core is not None) for a, b, core in pairs}
        if None in made or len(made) != 1:
            return f"its parts have the shapes {shapes(*given)}, which do not go together"
        (found,) = made
        return mismatch(found or (), shape)

    def delta(self, weight: Tensor) -> Tensor:
        """The change."""
        first = _product(weight, self.w1a, self.w1b, self.t1)
        second = _product(weight, self.w2a, self.w2b, self.t2)
        return first.mul_(second).reshape(weight.shape).mul_(self.alpha / self.rank)


@dataclass(frozen=True, eq=False)
class LoKr(Change):
    """A Kronecker product (LyCORIS, arXiv 2309.14859): scale * kron(w1, w2).

    Each of the two is whole (`w1`, `w2`), or a product of `a` [., rank] and `b` [rank, .]; with `t2`
    [rank, rank, height, width] the second is one of three, with `w2a` [rank, .]. The scale is alpha / rank, or 1 where
    both are whole.
    """

    kind = "lokr"
    alpha: float
    w1: Tensor | None = None
    w1a: Tensor | None = None
    w1b: Tensor | None = None
    w2: Tensor | None = None
    w2a: Tensor | None = None
    w2b: Tensor | None = None
    t2: Tensor | None = None

    @property
    def rank(self) -> int:
        """The rows of the part that is a product; 0 where both are whole."""
        narrow = self.w2b if self.w2b is not None else self.w1b
        return 0 if narrow is None else int(narrow.shape[0])

    def misfit(self, shape: Sequence[int]) -> str:
        """Why it cannot change a weight of this shape."""
        first = tuple(self.w1.shape) if self.w1 is not None else _product_shape(self.w1a, self.w1b, None)
        whole = self.w2 is not None
        second = (
            tuple(self.w2.shape)  # type: ignore[union-attr]
            if whole
            else _product_shape(self.w2a, self.w2b, self.t2, a_is_turned=self.t2 is not None)
        )
        if first is None or second is None or len(first) != 2 or len(second) not in (2, 4):
            return f"its parts have the shapes {shapes(*self.tensors().values())}, which do not go together"
        return mismatch((first[0] * second[0], first[1] * second[1], *second[2:]), shape)

    def delta(self, weight: Tensor) -> Tensor:
        """The change."""
        first = _product(weight, self.w1a, self.w1b, None) if self.w1 is None else wide(self.w1, weight)
        second = _product(weight, self.w2a, self.w2b, self.t2) if self.w2 is None else wide(self.w2, weight)
        first = first.reshape(*first.shape, *([1] * (second.ndim - 2)))
        scale = self.alpha / self.rank if self.rank else 1.0
        return torch.kron(first, second.contiguous()).reshape(weight.shape).mul_(scale)


def _product_shape(
    a: Tensor | None, b: Tensor | None, core: Tensor | None, *, a_is_turned: bool = False
) -> tuple[int, ...] | None:
    """The shape of a product of two or three; None where they do not go together."""
    if a is None or b is None or a.ndim != 2 or b.ndim != 2 or 0 in a.shape or 0 in b.shape:
        return None
    outer, inner = (a.shape[1], a.shape[0]) if a_is_turned else (a.shape[0], a.shape[1])
    if core is None:
        return (outer, b.shape[1]) if inner == b.shape[0] else None
    if core.ndim != 4 or core.shape[0] != inner or core.shape[1] != b.shape[0]:
        return None
    return (outer, b.shape[1], *core.shape[2:])


def _product(weight: Tensor, a: Any, b: Any, core: Tensor | None) -> Tensor:
    a, b = wide(a, weight), wide(b, weight)
    if core is None:
        return a @ b
    return torch.einsum("ijhw,jr,ip->prhw", wide(core, weight), b, a)
