"""Euler's method: u + duration * mask * (laplace(u) + f(u)). First order in time, second in space.

No step is longer than 1 / (4 + decay + steepness). So each new value is a mean of old ones with weights that are not
negative: without f nothing leaves the range of the picture, whatever the mask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.equation.stencil import STEEPEST, laplacian

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.equation.contract import Boundary, Force


class Explicit:
    """Euler's method for one equation."""

    def __init__(self, force: Force, boundary: Boundary, mask: Tensor | None) -> None:
        self._force, self._boundary, self._mask = force, boundary, mask
        self.longest = 1 / (STEEPEST + force.decay + force.steepness)

    def step(self, u: Tensor, duration: float) -> Tensor:
        """One step of Euler."""
        change = speed(u, self._force, self._boundary)
        return u + duration * (change if self._mask is None else self._mask * change)


def speed(u: Tensor, force: Force, boundary: Boundary) -> Tensor:
    """laplace(u) + f(u)."""
    change = laplacian(u, boundary, None if force.conducts is None else force.conducts(u, boundary))
    if force.speeds is not None:
        change = change * force.speeds
    if force.decay:
        change = change - force.decay * u
    return change if force.rest is None else change + force.rest(u)
