"""Prompts that carry pictures: to paint into, to edit by instruction, to refer to. What comes in is never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit

from diffusion import padding, vae
from diffusion.conditioning import set_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from diffusion.conditioning import Conditioning
    from diffusion.models import Vae

Both = tuple["Conditioning", "Conditioning", dict[str, Any]]
"""The positive and the negative prompt, and the latent to sample from."""


def for_inpainting(
    positive: Conditioning,
    negative: Conditioning,
    coder: Vae,
    pixels: Tensor,
    mask: Tensor,
    *,
    noise_mask: bool = True,
    cancelled: Callable[[], bool] | None = None,
) -> Both:
    """For models that see what they paint into: prompts that carry the picture with its hole greyed, and the mask.

    IMAGE [B, H, W, C] and MASK [B, H, W]; the latent is that of the whole picture, and with `noise_mask` only the hole
    of it is painted. Raises DiffusionError for pictures that the VAE cannot encode.
    """
    hidden = vae.encode_for_inpaint(coder, pixels, mask, 0, cancelled=cancelled)
    latent = vae.encode_latent(coder, pixels, cancelled=cancelled)
    carried = {"concat_latent_image": hidden["samples"], "concat_mask": hidden["noise_mask"]}
    if noise_mask:
        size = (int(pixels.shape[1]), int(pixels.shape[2]))
        fitted = F.interpolate(mask.reshape(-1, 1, *mask.shape[-2:]).float(), size=size, mode="bilinear").squeeze(1)
        latent["noise_mask"] = padding.pad_mask(fitted, coder.latent_format.downscale).unsqueeze(1)
    return set_values(positive, carried), set_values(negative, carried), latent


def for_instruction(
    positive: Conditioning,
    negative: Conditioning,
    coder: Vae,
    pixels: Tensor,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> Both:
    """For models that edit a picture, or are led by one: prompts that carry it, and an empty latent of its size."""
    latent = vae.encode_latent(coder, pixels, cancelled=cancelled)
    carried = {"concat_latent_image": latent["samples"]}
    empty = {**latent, "samples": torch.zeros_like(latent["samples"])}
    return set_values(positive, carried), set_values(negative, carried), empty


def with_reference(conditioning: Conditioning, latent: dict[str, Any]) -> Conditioning:
    """The prompt that refers to one picture more: the samples of a LATENT, behind those that it refers to already."""
    return [
        [embeds, {**settings, "reference_latents": [*settings.get("reference_latents", ()), latent["samples"]]}]
        for embeds, settings in conditioning
    ]
