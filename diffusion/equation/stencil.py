"""Differences between neighbours: the Laplacian with five points, and what conducts unevenly.

A difference lies between a cell and the next one; at the last one it is 0 (reflect), or leads to the first (periodic).
The divergence of such differences sums to 0, so that the mean is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F  # noqa: N812 - torch's own habit

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.equation.contract import Boundary, Weights

SIDES = (-2, -1)
STEEPEST = 4.0
"""Of the Laplacian: what the middle cell gives away. The greatest eigenvalue is twice as large."""


def difference(u: Tensor, side: int, boundary: Boundary) -> Tensor:
    """To the next cell along a side."""
    ahead = u.roll(-1, side) - u
    if boundary == "reflect":
        ahead.narrow(side, u.shape[side] - 1, 1).zero_()
    return ahead


def laplacian(u: Tensor, boundary: Boundary, weights: Weights | None = None) -> Tensor:
    """The sum of the differences to the four neighbours; with `weights` div(g grad u)."""
    if weights is None:
        wide = F.pad(u, (1, 1, 1, 1), mode="replicate" if boundary == "reflect" else "circular")
        total = wide[..., :-2, 1:-1] + wide[..., 2:, 1:-1]
        return total.add_(wide[..., 1:-1, :-2]).add_(wide[..., 1:-1, 2:]).sub_(u, alpha=STEEPEST)
    down, across = (difference(u, side, boundary) * g for side, g in zip(SIDES, weights, strict=True))
    return down - down.roll(1, -2) + across - across.roll(1, -1)
