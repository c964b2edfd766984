"""Nodes that bring two pictures together: blend, composite, batch."""

from __future__ import annotations

from typing import Annotated, Literal

import diffusion
from graph.api import NodeContext, Number, Slider, Toggle, node
from nodes import concerns
from nodes.types import MAX_SIDE, Image, Mask


@node("ImageBlend", title="Blend Images", category="image/mix", aliases=("mix", "multiply", "screen", "overlay"))
def blend_images(
    *,
    image1: Annotated[Image, "The lower picture; it sets the size"],
    image2: Annotated[Image, "The upper picture; it is cropped and resized to the lower one where they differ"],
    blend_factor: Annotated[
        float, Slider(0, 1, 0.01), "How much of the effect: 0 gives the lower picture, 1 the full effect"
    ] = 0.5,
    blend_mode: Annotated[
        Literal["normal", "multiply", "screen", "overlay", "soft_light", "difference"],
        "normal mixes, multiply darkens, screen lightens, overlay and soft_light add contrast, difference compares",
    ] = "normal",
    ctx: NodeContext,
) -> Image:
    """Lay one picture over another like layers in a painting program.

    With *normal* and a factor of 0.5 you see half of each. *difference* at a factor of 1 is black where both are
    equal, which makes it good for comparing two versions.
    """
    fewer, more = sorted((int(image1.shape[0]), int(image2.shape[0])))
    concerns.uneven(ctx, "pictures on one side", fewer, "on the other", more)
    return diffusion.pixels.blend(image1, image2, blend_factor, blend_mode)


@node("ImageCompositeMasked", title="Paste Image", category="image/mix", aliases=("composite", "overlay", "paste"))
def composite_images(
    *,
    destination: Annotated[Image, "The picture to paste onto"],
    source: Annotated[Image, "The picture to paste"],
    x: Annotated[int, Number(0, MAX_SIDE, 1), "Where the left edge of the pasted picture goes, in pixels"] = 0,
    y: Annotated[int, Number(0, MAX_SIDE, 1), "Where the upper edge of the pasted picture goes, in pixels"] = 0,
    resize_source: Annotated[
        bool, Toggle("fill", "keep size"), "Stretch the pasted picture to the size of the one below first"
    ] = False,
    mask: Annotated[
        Mask | None, "Optional: white where the pasted picture shows, black where it is see-through"
    ] = None,
    ctx: NodeContext,
) -> Image:
    """Paste one picture onto another, through a mask if you have one.

    Good for bringing back the untouched part of a picture after inpainting: paste the new picture onto the old one
    with the inpainting mask. The mask is stretched to the pasted picture.
    """
    concerns.uneven(ctx, "pictures to paste", int(source.shape[0]), "pictures to paste onto", int(destination.shape[0]))
    if x >= destination.shape[2] or y >= destination.shape[1]:
        ctx.warn("the pasted picture lies wholly beside the one below; lower x or y")
    elif mask is not None:
        concerns.mask_for_pasting(ctx, mask)
    return diffusion.pixels.composite(destination, source, x, y, mask, fit=resize_source)


@node("ImageBatch", title="Batch Images", category="image/mix", aliases=("join", "append"))
def batch_images(
    *,
    image1: Annotated[Image, "The pictures that come first; they set the size"],
    image2: Annotated[Image, "The pictures that come after; cropped and resized to the first where they differ"],
) -> Image:
    """Put pictures together into one batch, so that the nodes after it handle all of them alike.

    Chain several of these for more than two. Different sizes are fitted to the first picture, cutting off what
    sticks out.
    """
    return diffusion.pixels.join_batch(image1, image2)
