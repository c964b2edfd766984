"""Nodes on masks: black-and-white pictures that say where something may happen. White (1) is "here"."""

from __future__ import annotations

from typing import Annotated, Literal

import diffusion
from graph.api import Number, Toggle, node
from nodes.types import MAX_SIDE, Image, Mask


@node("InvertMask", title="Invert Mask", category="mask")
def invert_mask(*, mask: Annotated[Mask, "The mask to turn round"]) -> Mask:
    """Swap what is masked and what is kept.

    For instance to paint a new background instead of a new subject, with the same mask.
    """
    return diffusion.masks.invert(mask)


@node("GrowMask", title="Grow Mask", category="mask", aliases=("expand", "shrink", "dilate", "erode"))
def grow_mask(
    *,
    mask: Annotated[Mask, "The mask to enlarge or shrink"],
    expand: Annotated[
        int, Number(-MAX_SIDE, MAX_SIDE, 1), "How many pixels the mask grows on every side; below 0 it shrinks"
    ] = 0,
    tapered_corners: Annotated[
        bool, Toggle("cut off", "square"), "Cut the corners off, which looks rounder; else they stay square"
    ] = True,
) -> Mask:
    """Make a mask larger or smaller.

    Grow it by 4 to 16 pixels when inpainting leaves a rim of the old content; shrink it to keep away from edges.
    """
    return diffusion.masks.grow(mask, expand, tapered_corners=tapered_corners)


@node("MaskToImage", title="Mask to Image", category="mask")
def mask_to_image(*, mask: Annotated[Mask, "The mask to look at"]) -> Image:
    """Turn a mask into a black-and-white picture: white is masked.

    Do this to preview a mask, to save it, or to use picture nodes such as Blur Image on it.
    """
    return diffusion.masks.to_image(mask)


@node("ImageToMask", title="Image to Mask", category="mask")
def image_to_mask(
    *,
    image: Annotated[Image, "The pictures to take the mask from"],
    channel: Annotated[
        Literal["red", "green", "blue", "alpha"],
        "Which part becomes the mask; for a black-and-white picture red, green and blue are the same",
    ] = "red",
) -> Mask:
    """Use one colour channel of a picture as a mask: bright is masked, dark is kept.

    A black-and-white picture gives the mask that you see. *alpha* takes the opaque parts of a picture that has
    transparency; the pictures of Load Image have theirs on the MASK output instead.
    """
    return diffusion.masks.from_channel(image, channel)
