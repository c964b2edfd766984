"""Models that are given a picture, noisy or not, as it is, and give the picture that it is to become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diffusion.noise_models.discrete import DiscreteNoise

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False)
class PictureNoise(DiscreteNoise):
    """Discrete levels, of which the network's input knows nothing: x is not scaled. `prediction` is "sample"."""

    def scale_input(self, x: torch.Tensor, sigma: float) -> torch.Tensor:  # noqa: ARG002 - of others it depends on it
        """x as it is."""
        return x
