"""Steps in Fourier's space, where the Laplacian of a wave is -k^2 times the wave, and the wave decays as exp(-k^2 t).

What does not depend on u is solved exactly in time, at any length of step. Of the rest, ETDRK2 is second order
("Exponential Time Differencing for Stiff Systems", 2002). Reflecting edges are those of the picture beside its mirror
image, which is periodic: that is a cosine transform.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.equation.contract import Boundary, Force

_SMALL = 1e-4
"""Below this, a series is more exact than what it stands for."""


class Spectral:
    """Exponential steps for one equation without a mask, of fields with some height and width."""

    def __init__(self, force: Force, boundary: Boundary, size: tuple[int, int]) -> None:
        self._force, self._boundary, self._size = force, boundary, size
        self.longest = math.inf if force.is_steady else 1 / force.steepness
        self._factors: tuple[float, tuple[Tensor, Tensor, Tensor]] | None = None

    def step(self, u: Tensor, duration: float) -> Tensor:
        """One exponential step."""
        decays, once, twice = self._factors_of(duration)
        rest = self._force.rest
        waves = self._to_waves(u) * decays
        if rest is None:
            return self._from_waves(waves)
        before = self._to_waves(rest(u))
        waves = waves + once * before
        if self._force.is_steady:
            return self._from_waves(waves)
        after = self._to_waves(rest(self._from_waves(waves)))
        return self._from_waves(waves + twice * (after - before))

    def _factors_of(self, duration: float) -> tuple[Tensor, Tensor, Tensor]:
        """exp(z), duration * (exp(z) - 1) / z and duration * (exp(z) - 1 - z) / z^2, for z = duration times the factor
        that a wave changes with."""
        if self._factors is None or self._factors[0] != duration:
            z = duration * self._rates()
            safe = torch.where(z.abs() < _SMALL, -torch.ones_like(z), z)
            once = torch.where(z.abs() < _SMALL, 1 + z / 2, torch.expm1(safe) / safe)
            twice = torch.where(z.abs() < _SMALL, 0.5 + z / 6, (torch.expm1(safe) - safe) / safe.square())
            self._factors = duration, (z.exp().float(), (duration * once).float(), (duration * twice).float())
        return self._factors[1]

    def _rates(self) -> Tensor:
        """-speed * k^2 - decay of every wave, float64."""
        height, width = (side * (2 if self._boundary == "reflect" else 1) for side in self._size)
        down = 2 * math.pi * torch.fft.fftfreq(height, dtype=torch.float64)
        across = 2 * math.pi * torch.fft.rfftfreq(width, dtype=torch.float64)
        rates = -(down.square()[:, None] + across.square())
        if self._force.speeds is not None:
            rates = rates * self._force.speeds.double()
        return rates - self._force.decay

    def _to_waves(self, u: Tensor) -> Tensor:
        if self._boundary == "reflect":
            u = torch.cat((u, u.flip(-1)), dim=-1)
            u = torch.cat((u, u.flip(-2)), dim=-2)
        return torch.fft.rfft2(u)

    def _from_waves(self, waves: Tensor) -> Tensor:
        height, width = self._size
        twice = 2 if self._boundary == "reflect" else 1
        return torch.fft.irfft2(waves, s=(twice * height, twice * width))[..., :height, :width].contiguous()
