"""Nodes between pictures and latents."""

from __future__ import annotations

from typing import Annotated

import diffusion
from graph.api import NodeContext, Number, node
from nodes import concerns
from nodes.cancelling import cancellable
from nodes.types import Image, Latent, Mask, Vae


@node("VAEDecode", title="VAE Decode", category="latent", lane="device", aliases=("latent to image",))
def decode(
    *,
    samples: Annotated[Latent, "What a sampler gives"],
    vae: Annotated[Vae, "The VAE of the checkpoint that painted it"],
    ctx: NodeContext,
) -> Image:
    """Turn a latent into pictures that you can see and save.

    The step after every sampler. Washed-out or broken colours mean that the VAE does not belong to the checkpoint.
    """
    with cancellable(ctx) as cancelled:
        return diffusion.vae.decode_latent(vae, samples, cancelled=cancelled)


@node("VAEEncode", title="VAE Encode", category="latent", lane="device", aliases=("image to latent",))
def encode(
    *,
    pixels: Annotated[Image, "The pictures to start from"],
    vae: Annotated[Vae, "The VAE of the checkpoint that will go on painting"],
    ctx: NodeContext,
) -> Latent:
    """Turn pictures into a latent, so that a sampler can start from them instead of from an empty canvas.

    Give the sampler a *denoise* below 1: about 0.3 keeps most of the picture, 0.7 changes a lot. A picture of any
    size comes back in this size.
    """
    with cancellable(ctx) as cancelled:
        return diffusion.vae.encode_latent(vae, pixels, cancelled=cancelled)


@node(
    "VAEEncodeForInpaint",
    title="VAE Encode (for Inpainting)",
    category="latent/inpaint",
    lane="device",
    aliases=("inpaint",),
)
def encode_for_inpaint(
    *,
    pixels: Annotated[Image, "The picture to change"],
    vae: Annotated[Vae, "The VAE of the checkpoint that will paint"],
    mask: Annotated[Mask, "White (1) where something new should be painted, black (0) where the picture is kept"],
    grow_mask_by: Annotated[
        int,
        Number(0, 64, 1),
        "Let the new part reach this many pixels over the mask's edge, so that the seam blends in",
    ] = 6,
    ctx: NodeContext,
) -> Latent:
    """Prepare a picture for having a part replaced: what is under the mask is wiped out before encoding.

    Use it with a *denoise* of 1, since nothing of the old content is left to keep. To change a part only a little, use
    VAE Encode and Paint Only Inside Mask instead.
    """
    size = (int(pixels.shape[2]), int(pixels.shape[1]))
    concerns.mask_for_painting(ctx, mask, size, int(pixels.shape[0]), least=0.5)
    with cancellable(ctx) as cancelled:
        return diffusion.vae.encode_for_inpaint(vae, pixels, mask, grow_mask_by, cancelled=cancelled)
