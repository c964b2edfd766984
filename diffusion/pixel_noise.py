"""Latent noise from numbers in the shape of a picture, for those who bring the noise of a run themselves.

Each cell of a latent is made of the pixels that it covers, and of no others: their n numbers (all three channels of a
factor x factor patch) are projected on as many orthonormal vectors as the latent has channels, the first rows of the
cosine transform DCT-II (Ahmed, Natarajan and Rao 1974, doi 10.1109/T-C.1974.223784). The first row is the average
over the patch, times sqrt(n). An orthonormal projection of white noise is white noise of the same variance: neither
cells nor channels are correlated. Every number of the picture counts in every channel of its cell.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.families.latent_format import LatentFormat


def latent_noise(pixels: Tensor, latent_format: LatentFormat) -> Tensor:
    """Numbers [B, C, H, W] -> float32 noise [B, channels, H / factor, W / factor] on the CPU, of unit variance.

    Each item is first brought to mean 0 and variance 1 on its own: any white noise will do, whatever its mean and
    scale, and an item does not depend on its batch. Raises DiffusionError for sides that are no multiples of the
    factor, for numbers that are not finite or all the same, and where a patch has fewer numbers than a cell channels.
    """
    factor, channels = latent_format.downscale, latent_format.channels
    batch, depth, height, width = pixels.shape
    _check_sides(height, width, factor)
    count = depth * factor * factor
    if count < channels:
        message = f"{count} numbers for each cell are too few for noise in {channels} channels."
        raise DiffusionError(message, remedy="Give a tensor with more channels.")
    numbers = pixels.detach().to("cpu", torch.float64)
    spread, mean = torch.std_mean(numbers, dim=(1, 2, 3), keepdim=True, correction=0)
    if not torch.isfinite(spread).all():
        raise DiffusionError("The noise holds NaN or infinity.", remedy="Look at what made it; torch.randn gives none.")
    if not (spread > 0).all():
        raise DiffusionError("All numbers of the noise are the same.", remedy="Start from torch.randn(...).")
    unit = (numbers - mean) / spread
    patches = unit.reshape(batch, depth, height // factor, factor, width // factor, factor)
    flat = patches.permute(0, 2, 4, 1, 3, 5).reshape(batch, height // factor, width // factor, count)
    return (flat @ _cosines(channels, count).T).movedim(-1, 1).to(torch.float32).contiguous()


def _cosines(rows: int, count: int) -> Tensor:
    """The first rows [rows, count] of the orthonormal DCT-II."""
    place = torch.arange(count, dtype=torch.float64) + 0.5
    waves = torch.cos(math.pi / count * torch.arange(rows, dtype=torch.float64)[:, None] * place)
    waves[1:] *= math.sqrt(2)
    return waves / math.sqrt(count)


def _check_sides(height: int, width: int, factor: int) -> None:
    if height > 0 and width > 0 and height % factor == 0 and width % factor == 0:
        return
    near = " x ".join(str(max(1, round(side / factor)) * factor) for side in (height, width))
    raise DiffusionError(
        f"Noise of {height} x {width} makes no whole cells: this model's latents have one for {factor} x {factor}.",
        remedy=f"Use sides that are multiples of {factor}, such as {near}.",
    )
