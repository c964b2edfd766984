"""Euler's implicit method: the Laplacian of what comes out. First order in time, and stable for steps of any length.

With the mask m and A = laplace - decay, a step solves new = u + t m (A new + rest(u)). Written with new = u + sqrt(m) w
this is (1 - t sqrt(m) A sqrt(m)) w = t sqrt(m) (A u + rest(u)), whose matrix is symmetric and positive: conjugate
gradients solve it ("Methods of Conjugate Gradients for Solving Linear Systems", 1952), and where the mask is 0 nothing
changes by a single bit. How well neighbours conduct is taken from u.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from diffusion.equation.explicit import speed
from diffusion.equation.stencil import laplacian
from diffusion.errors import Cancelled, DiffusionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from diffusion.equation.contract import Boundary, Force

MOST_ROUNDS = 2000
_CLOSE = 1e-6
"""The residual, as a part of what it was at the start."""


class Implicit:
    """Implicit steps for one equation."""

    def __init__(
        self, force: Force, boundary: Boundary, mask: Tensor | None, cancelled: Callable[[], bool] | None = None
    ) -> None:
        self._force, self._boundary, self._cancelled = force, boundary, cancelled
        self._root = None if mask is None else mask.sqrt()
        self.longest = float("inf") if force.is_steady else 1 / force.steepness

    def step(self, u: Tensor, duration: float) -> Tensor:
        """One implicit step. Raises DiffusionError when it does not come to an end, Cancelled between two rounds."""
        force, root = self._force, self._root
        weights = None if force.conducts is None else force.conducts(u, self._boundary)

        def matrix(w: Tensor) -> Tensor:
            inside = w if root is None else root * w
            change = laplacian(inside, self._boundary, weights)
            if force.speeds is not None:
                change = change * force.speeds
            change = change - force.decay * inside
            return w - duration * (change if root is None else root * change)

        right = duration * speed(u, force, self._boundary)
        w = self._solved(matrix, right if root is None else root * right)
        return u + (w if root is None else root * w)

    def _solved(self, matrix: Callable[[Tensor], Tensor], right: Tensor) -> Tensor:
        """w with matrix(w) = right. Every item of the batch takes its own steps, and rests when it is done."""
        w, left = torch.zeros_like(right), right
        direction, length = left, _square(left)
        enough = length * _CLOSE**2
        for _ in range(MOST_ROUNDS):
            if self._cancelled is not None and self._cancelled():
                raise Cancelled
            is_open = length > enough
            if not is_open.any():
                return w
            image = matrix(direction)
            along = torch.where(is_open, length / _positive((direction * image).sum((1, 2, 3), keepdim=True)), 0.0)
            w, left = w + along * direction, left - along * image
            shorter = _square(left)
            direction = left + shorter / _positive(length) * direction
            length = shorter
        raise DiffusionError(
            f"The implicit solver did not come to an end within {MOST_ROUNDS:,} rounds: its steps are too long.",
            remedy="Take more steps, or a shorter time; without a mask and edges, the spectral solver is quicker.",
            input="steps",
        )


def _square(field: Tensor) -> Tensor:
    return field.square().sum((1, 2, 3), keepdim=True)


def _positive(number: Tensor) -> Tensor:
    return number.clamp_min(1e-38)
