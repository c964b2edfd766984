"""The functions f: none, edges that stay, a pull towards a picture, a reaction of two substances, or a given one.

Every one takes its strength, and gives a `Force` for the solvers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from diffusion.equation.contract import Force
from diffusion.equation.stencil import SIDES, difference

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.equation.contract import Boundary, Weights

_SLOWER = 0.5
"""How fast the second substance of Gray and Scott spreads beside the first."""


def none() -> Force:
    """The heat equation."""
    return Force()


def keeping_edges(threshold: float) -> Force:
    """Perona and Malik, "Scale-space and edge detection using anisotropic diffusion" (1990): div(g grad u), where
    g = 1 / (1 + (|grad u| / threshold)^2).

    |grad u| is that of all channels together (root of the mean square), so that they keep the same edges; between two
    cells it is the difference of these two.
    """

    def conducts(u: Tensor, boundary: Boundary) -> Weights:
        down, across = (
            1 / (1 + (difference(u, side, boundary) / threshold).square().mean(dim=1, keepdim=True)) for side in SIDES
        )
        return down, across

    return Force(conducts=conducts)


def towards(target: Tensor, strength: float) -> Force:
    """f = strength * (target - u): a spring to a picture. After a long time u is the target, blurred over a length of
    1 / sqrt(strength)."""
    pull = strength * target
    return Force(rest=lambda _: pull, decay=strength)


def given(force: Tensor, strength: float) -> Force:
    """f = strength * force: what another picture or latent adds at every moment."""
    added = strength * force
    return Force(rest=lambda _: added)


def reaction(channels: int, feed: float, kill: float, strength: float) -> Force:
    """Gray and Scott's reaction: dU/dt = laplace(U) + s (feed (1 - U) - U V^2), dV/dt = laplace(V) / 2
    + s (U V^2 - (feed + kill) V); "Complex Patterns in a Simple System", arXiv patt-sol/9304003.

    The picture is V, each channel for itself, and what lies outside of 0..1 counts as the nearest; U is hidden and
    begins as 1 - V. `strength` is s: with 4 times as much patterns are half as large.
    """

    def begin(picture: Tensor) -> Tensor:
        v = picture.clamp(0, 1)
        return torch.cat((1 - v, v), dim=1)

    def rest(both: Tensor) -> Tensor:
        u, v = both.chunk(2, dim=1)
        eaten = u * v * v
        return strength * torch.cat((feed * (1 - u) - eaten, eaten - (feed + kill) * v), dim=1)

    speeds = torch.cat((torch.ones(channels), torch.full((channels,), _SLOWER))).view(-1, 1, 1)
    return Force(
        rest=rest,
        is_steady=False,
        steepness=strength * (1 + feed + kill),
        speeds=speeds,
        widen=begin,
        narrow=lambda both: both.chunk(2, dim=1)[1],
    )
