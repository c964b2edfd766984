"""Nodes on latents: the small inner pictures that the model paints on, before a VAE makes them visible."""

from __future__ import annotations

from typing import Annotated

import diffusion
from graph.api import NodeContext, Number, Slider, node
from nodes import concerns
from nodes.types import MAX_SIDE, Crop, Latent, LatentResizeMethod, Mask

_METHOD_TOOLTIP = (
    "How to fill in between: bislerp keeps the latent's contrast best, nearest-exact is crisp, area is soft"
)


@node("EmptyLatentImage", title="Empty Canvas", category="latent", aliases=("empty latent", "size", "batch"))
def empty_latent(
    *,
    width: Annotated[
        int,
        Number(16, MAX_SIDE, 8, multiple_of=8),
        "Width of the picture in pixels. Use a size that the checkpoint knows",
    ] = 512,
    height: Annotated[
        int,
        Number(16, MAX_SIDE, 8, multiple_of=8),
        "Height of the picture in pixels. Use a size that the checkpoint knows",
    ] = 512,
    batch_size: Annotated[int, Number(1, 4096, 1), "How many pictures to make at once, each with noise of its own"] = 1,
) -> Latent:
    """An empty canvas for the sampler to paint on; it sets the size of your pictures and how many you get.

    Every checkpoint has a size that it was trained on: 128 x 128 for the bundled picturebook, 512 for SD 1.5, 1024 for
    SDXL. Far away from it pictures fall apart or repeat themselves. A batch needs more memory but is faster than as
    many runs.
    """
    return diffusion.latents.empty(width, height, batch_size)


@node(
    "EmptySD3LatentImage",
    title="Empty Canvas (SD3, Flux)",
    category="latent",
    aliases=("empty latent", "size", "batch"),
)
def empty_latent_of_16_channels(
    *,
    width: Annotated[
        int, Number(16, MAX_SIDE, 16, multiple_of=16), "Width of the picture in pixels; 1024 is what they know best"
    ] = 1024,
    height: Annotated[
        int, Number(16, MAX_SIDE, 16, multiple_of=16), "Height of the picture in pixels; 1024 is what they know best"
    ] = 1024,
    batch_size: Annotated[int, Number(1, 4096, 1), "How many pictures to make at once, each with noise of its own"] = 1,
) -> Latent:
    """An empty canvas with the 16 channels of Stable Diffusion 3 and Flux; it sets the size of your pictures.

    These families paint well from 512 to 1536 pixels in any proportions, best with as many pixels as 1024 x 1024. Empty
    Canvas works for them, too: a canvas without anything on it is fitted to the model.
    """
    return diffusion.latents.empty(width, height, batch_size, channels=16)


@node("LatentUpscale", title="Upscale Latent", category="latent")
def upscale_latent(
    *,
    samples: Annotated[Latent, "The latent to enlarge"],
    upscale_method: Annotated[LatentResizeMethod, _METHOD_TOOLTIP] = "nearest-exact",
    width: Annotated[
        int,
        Number(0, MAX_SIDE, 8, multiple_of=8),
        "New width of the picture in pixels; 0 follows the height in proportion",
    ] = 512,
    height: Annotated[
        int,
        Number(0, MAX_SIDE, 8, multiple_of=8),
        "New height of the picture in pixels; 0 follows the width in proportion",
    ] = 512,
    crop: Annotated[
        Crop, "center cuts off what does not fit the new shape; disabled stretches the picture"
    ] = "disabled",
    ctx: NodeContext,
) -> Latent:
    """Enlarge a latent to a given size, as the middle of a two-pass workflow.

    The result looks blotchy until a second sampler goes over it, with a *denoise* of about 0.5: it paints fresh detail
    at the larger size while keeping the composition.
    """
    if 0 < min(side for side in (width or height, height or width)) < diffusion.latents.SMALLEST_SIDE:
        least = diffusion.latents.SMALLEST_SIDE
        ctx.warn(f"{width} x {height} is too small for a latent: no side becomes smaller than {least} pixels")
    return diffusion.latents.upscale(samples, upscale_method, width, height, crop)


@node("LatentUpscaleBy", title="Upscale Latent By", category="latent")
def upscale_latent_by(
    *,
    samples: Annotated[Latent, "The latent to enlarge"],
    upscale_method: Annotated[LatentResizeMethod, _METHOD_TOOLTIP] = "nearest-exact",
    scale_by: Annotated[
        float, Slider(0.01, 8, 0.01), "How many times larger each side gets; 1.5 to 2 works well for a second pass"
    ] = 1.5,
) -> Latent:
    """Enlarge a latent by a factor, as the middle of a two-pass workflow.

    Follow it with a second sampler at a *denoise* of about 0.5, which paints fresh detail at the larger size.
    """
    return diffusion.latents.upscale_by(samples, upscale_method, scale_by)


@node("SetLatentNoiseMask", title="Paint Only Inside Mask", category="latent/inpaint", aliases=("inpaint",))
def set_noise_mask(
    *,
    samples: Annotated[Latent, "The latent of the picture that you want to change"],
    mask: Annotated[Mask, "White (1) where the sampler may paint, black (0) where the picture is kept"],
    ctx: NodeContext,
) -> Latent:
    """Tell the sampler to paint only inside a mask and to keep everything else.

    Encode a picture with VAE Encode, set the mask here, and sample with a *denoise* below 1: what is under the mask is
    changed but still guides the result. To replace it altogether, use VAE Encode (for Inpainting).
    """
    size = diffusion.latents.pixel_size(samples)
    concerns.mask_for_painting(ctx, mask, size, int(samples["samples"].shape[0]))
    return diffusion.latents.set_noise_mask(samples, mask)
