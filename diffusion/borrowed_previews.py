"""Previews for models that were loaded apart from their VAE: by the VAE that was loaded alone last.

A VAE that comes alone does not say whose latents it decodes, so any with as many channels and cells of one size will
do. It is not kept in memory for this. Until one is loaded there are no previews.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.preview import LatentPreview

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

    from diffusion.families.latent_format import LatentFormat
    from diffusion.models import Vae

newest: dict[tuple[int, int], LatentPreview] = {}
"""The VAE that was loaded alone last, by channels and the pixels along a cell of its latents."""


def lend(vae: Vae) -> None:
    """Makes a VAE that was loaded alone known."""
    newest[_key(vae.latent_format)] = LatentPreview.weak(vae)


def picture(latent: Tensor, latent_format: LatentFormat) -> Image | None:
    """One latent [C, h, w] in the scale of a model with this format -> an RGB picture of at most 256 pixels a side."""
    lent = newest.get(_key(latent_format))
    return None if lent is None else lent.picture(lent.latent_format.to_model(latent_format.from_model(latent)))


def _key(latent_format: LatentFormat) -> tuple[int, int]:
    return latent_format.channels, latent_format.downscale
