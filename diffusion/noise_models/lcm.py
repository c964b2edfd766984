"""Latent consistency models: distilled from a discrete model at every twentieth of its steps (arXiv 2310.04378).

Their prediction of noise is bound to the picture at the clean end: x0 = c_skip * x + c_out * (x - sigma * output),
with c_skip = s^2 / (t^2 + s^2) and c_out = t / sqrt(t^2 + s^2), t ten times the time step and s = 0.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diffusion.noise_models.discrete import DiscreteNoise

if TYPE_CHECKING:
    import torch

    from diffusion.noise_models.contract import Levels

_DISTILLED_STEPS = 50
_TIME_SCALE, _SIGMA_DATA = 10.0, 0.5


@dataclass(frozen=True, eq=False)
class LcmNoise(DiscreteNoise):
    """`sigmas` are those of the steps that were distilled; the network counts the steps of `whole`."""

    whole: DiscreteNoise

    @classmethod
    def of(cls, whole: DiscreteNoise) -> LcmNoise:
        """The noise model of what was distilled from a model with this one."""
        stride = len(whole.sigmas) // _DISTILLED_STEPS
        kept: Levels = whole.sigmas[stride - 1 :: stride]
        return cls("epsilon", kept, whole)

    def timestep(self, sigma: float) -> float:
        """The step of the undistilled model."""
        return self.whole.timestep(sigma)

    def sigma(self, timestep: float) -> float:
        """The noise level of a step of the undistilled model."""
        return self.whole.sigma(timestep)

    def sigma_at(self, percent: float) -> float:
        """As of the undistilled model."""
        return self.whole.sigma_at(percent)

    def x0(self, x: torch.Tensor, output: torch.Tensor, sigma: float) -> torch.Tensor:
        """The clean latent, bound to x where there is hardly any noise."""
        time = self.timestep(sigma) * _TIME_SCALE
        both = time**2 + _SIGMA_DATA**2
        free = super().x0(x, output, sigma)
        return free * (time / math.sqrt(both)) + x * (_SIGMA_DATA**2 / both)
