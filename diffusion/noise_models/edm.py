"""Models that were trained on any noise level, with the preconditioning of EDM (arXiv 2206.00364, table 1).

The network is told a quarter of the logarithm of sigma. `sigma_data` is the deviation of the latents it was trained
on; a network that predicts v has the sign of its output turned (as models of Stability AI's CosXL kind have), and one
that predicts the noise itself has no preconditioning of its output.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from diffusion.noise_models.exploding import ExplodingNoise

if TYPE_CHECKING:
    import torch

    from diffusion.noise_models.contract import Levels

_LEVELS = 1000


@dataclass(frozen=True, eq=False)
class EdmNoise(ExplodingNoise):
    """Levels from `lowest` to `highest`, even in log sigma. `prediction` is "epsilon" (that of EDM), "v_prediction"
    or "noise"."""

    prediction: str = "epsilon"
    lowest: float = 0.002
    highest: float = 120.0
    sigma_data: float = 0.5

    @cached_property
    def sigmas(self) -> Levels:  # type: ignore[override]
        """A raster of levels, rising."""
        return np.geomspace(self.lowest, self.highest, _LEVELS)

    def timestep(self, sigma: float) -> float:
        """What the network is told: log(sigma) / 4."""
        return 0.25 * math.log(max(sigma, 1e-10))

    def sigma(self, timestep: float) -> float:
        """The inverse of `timestep`."""
        return math.exp(4 * timestep)

    def sigma_at(self, percent: float) -> float:
        """The noise level when `percent` (0..1) of the way from noise to picture is done; infinite at 0, 0 at 1."""
        if percent <= 0:
            return math.inf
        if percent >= 1:
            return 0.0
        return math.exp(percent * math.log(self.lowest) + (1 - percent) * math.log(self.highest))

    def scale_input(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """x as the network was trained to see it, with unit variance."""
        return x / math.hypot(sigma, self.sigma_data)

    def x0(self, x: torch.Tensor, output: torch.Tensor, sigma: float) -> torch.Tensor:
        """The clean latent: a part of x, and the output as far as x cannot say."""
        if self.prediction == "noise":
            return x - sigma * output
        both = sigma**2 + self.sigma_data**2
        share = sigma * self.sigma_data / math.sqrt(both)
        return x * (self.sigma_data**2 / both) + output * (-share if self.prediction == "v_prediction" else share)
