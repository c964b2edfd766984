"""How latents of a VAE look to a model. Free of torch: it only adds and multiplies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class LatentFormat:
    """How latents of a VAE look to the model: channels, scale, and how many pixels one latent cell covers."""

    channels: int
    downscale: int
    scale: float = 1.0
    shift: float = 0.0

    def to_model(self, latent: Tensor) -> Tensor:
        """From what the VAE gives to the unit variance that the model was trained on."""
        return (latent - self.shift) * self.scale

    def from_model(self, latent: Tensor) -> Tensor:
        """The inverse of `to_model`."""
        return latent / self.scale + self.shift
