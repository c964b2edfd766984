"""Painting only where a mask says so, with any model: what is kept is put back at every look.

The model sees the original latent, noised to the current level, wherever the mask is 0, and what it predicts there is
replaced by the original. Masks are resized to the latent, not rounded: a soft edge blends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.noise_models import NoiseModel


@dataclass(frozen=True, eq=False)
class Inpainting:
    """What one run keeps. All tensors are like x; `latent` and `noise` in the model's scale, mask 1 = to be
    painted."""

    mask: Tensor
    latent: Tensor
    noise: Tensor
    noise_model: NoiseModel

    def before(self, x: Tensor, sigma: float) -> Tensor:
        """What the model is to see instead of x."""
        original = self.noise_model.add_noise(self.latent, self.noise, sigma)
        return x * self.mask + original * (1 - self.mask)

    def after(self, x0: Tensor) -> Tensor:
        """The prediction, with what is kept put back."""
        return x0 * self.mask + self.latent * (1 - self.mask)


def latent_mask(mask: Tensor, like: Tensor) -> Tensor:
    """A mask [H, W], [B, H, W] or [B, 1, H, W] in the shape of `like` [B, C, h, w]; a short batch is repeated.

    Raises DiffusionError for another shape.
    """
    if mask.ndim not in (2, 3, 4) or 0 in mask.shape or (mask.ndim == 4 and mask.shape[1] != 1):
        raise DiffusionError(
            f"A mask is [batch, height, width], got {list(mask.shape)}.", remedy="Connect a MASK.", input="mask"
        )
    mask = mask.reshape(-1, 1, *mask.shape[-2:]).to(like)
    mask = F.interpolate(mask, size=like.shape[-2:], mode="bilinear")
    return mask[torch.arange(like.shape[0]) % mask.shape[0]].expand(-1, like.shape[1], -1, -1)
