"""What noise models share in which noise is added to the picture and never takes its place: x = x0 + sigma * noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from diffusion.noise_models.contract import Levels


class ExplodingNoise:
    """The half of a noise model that follows from x = x0 + sigma * noise."""

    sigmas: Levels

    @property
    def sigma_min(self) -> float:
        """The lowest trained noise level."""
        return float(self.sigmas[0])

    @property
    def sigma_max(self) -> float:
        """The highest trained noise level."""
        return float(self.sigmas[-1])

    @property
    def is_flow(self) -> bool:
        """Noise is added here."""
        return False

    def starts_at_max(self, sigma: float) -> bool:
        """Whether a run from this level starts from pure noise."""
        return sigma > self.sigma_max or math.isclose(sigma, self.sigma_max, rel_tol=1e-5)

    def add_noise(self, latent: torch.Tensor, noise: torch.Tensor, sigma: float) -> torch.Tensor:
        """The latent at noise level `sigma`."""
        return latent + noise * sigma

    def start(self, latent: torch.Tensor, noise: torch.Tensor, sigma: float) -> torch.Tensor:
        """Where a run from level `sigma` starts. At the highest level the noise has the variance of a noised
        latent."""
        return latent + noise * (math.sqrt(1 + sigma**2) if self.starts_at_max(sigma) else sigma)

    def finish(self, x: torch.Tensor, sigma: float) -> torch.Tensor:  # noqa: ARG002 - of flow models it depends on it
        """x as it is: `start` without noise adds nothing."""
        return x
