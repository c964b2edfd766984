"""Models that were trained on straight lines between picture and noise: x = (1 - sigma) * x0 + sigma * noise.

"Flow Straight and Fast", arXiv 2209.03003. The network gives the velocity noise - x0, so x0 = x - sigma * output.

A shift moves the levels of a run towards noise, which a large picture needs: it shows more of itself through the same
noise ("Scaling Rectified Flow Transformers", arXiv 2403.03206, equation 23). Trained time t in (0, 1] gets the level
shift * t / (1 + (shift - 1) * t). The network is told the level, and schedules count before the shift, as elsewhere in
the field: with a shift, `timestep` and `sigma` are not the inverse of one another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

    from diffusion.noise_models.contract import Levels

STEPS = 1000.0
"""Time 1 in the steps that networks are told."""


@dataclass(frozen=True, eq=False)
class FlowNoise:
    """Flow with a shift; 1 leaves the levels even. `levels`: how many trained ones are told apart."""

    shift: float = 1.0
    levels: int = 1000

    @classmethod
    def of_log_shift(cls, mu: float, levels: int = 10_000) -> FlowNoise:
        """The form in which Flux gives its shift: exp(mu) / (exp(mu) + 1 / t - 1), which is the shift exp(mu)."""
        return cls(math.exp(mu), levels)

    @cached_property
    def sigmas(self) -> Levels:
        """The trained noise levels, rising to 1."""
        time = np.arange(1, self.levels + 1) / self.levels
        shifted: Levels = self.shift * time / (1 + (self.shift - 1) * time)
        return shifted

    @property
    def sigma_min(self) -> float:
        """The lowest trained noise level."""
        return float(self.sigmas[0])

    @property
    def sigma_max(self) -> float:
        """1: nothing but noise."""
        return float(self.sigmas[-1])

    @property
    def is_flow(self) -> bool:
        """Noise takes the place of the picture here."""
        return True

    def timestep(self, sigma: float) -> float:
        """What the network is told: the level in steps of 1 / 1000."""
        return sigma * STEPS

    def sigma(self, timestep: float) -> float:
        """The noise level of a place in trained time, 0..1000."""
        time = timestep / STEPS
        return self.shift * time / (1 + (self.shift - 1) * time)

    def sigma_at(self, percent: float) -> float:
        """The noise level when `percent` (0..1) of the way from noise to picture is done; infinite at 0, 0 at 1."""
        if percent <= 0:
            return math.inf
        return self.sigma((1 - min(percent, 1.0)) * STEPS)

    def add_noise(self, latent: torch.Tensor, noise: torch.Tensor, sigma: float) -> torch.Tensor:
        """The latent at noise level `sigma`."""
        return latent * (1 - sigma) + noise * sigma

    def start(self, latent: torch.Tensor, noise: torch.Tensor, sigma: float) -> torch.Tensor:
        """Where a run from level `sigma` starts: the latent with that share of noise."""
        return self.add_noise(latent, noise, sigma)

    def finish(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """x without the factor that `start` puts on: a part of a run that ends with noise can be gone on with."""
        return x / (1 - sigma) if 0 < sigma < 1 else x

    def scale_input(self, x: torch.Tensor, sigma: float) -> torch.Tensor:  # noqa: ARG002 - of others it depends on it
        """x as it is."""
        return x

    def x0(self, x: torch.Tensor, output: torch.Tensor, sigma: float) -> torch.Tensor:
        """The clean latent at the end of the line on which the network goes with this velocity."""
        return x - sigma * output
