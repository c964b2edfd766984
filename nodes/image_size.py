"""Nodes that change how large a picture is or what part of it is seen."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import diffusion
from graph.api import NodeContext, NodeError, Number, Slider, node
from nodes import concerns
from nodes.types import MAX_SIDE, Crop, Image, Mask, ResizeMethod

_METHOD_TOOLTIP = (
    "lanczos is sharpest for enlarging, area is best for shrinking, bilinear and bicubic are fast, "
    "nearest-exact keeps hard pixels"
)


def _refuse_too_large(width: float, height: float, name: str) -> None:
    if max(width, height) > MAX_SIDE:
        raise NodeError(
            f"the result would be {width:.0f} x {height:.0f} pixels; the limit is {MAX_SIDE} a side",
            input=name,
            remedy="choose a smaller size",
        )


@node("ImageScale", title="Resize Image", category="image/size", aliases=("upscale", "scale"))
def scale_image(
    *,
    image: Annotated[Image, "The pictures to resize"],
    upscale_method: Annotated[ResizeMethod, _METHOD_TOOLTIP] = "nearest-exact",
    width: Annotated[int, Number(0, MAX_SIDE, 1), "New width in pixels; 0 follows the height in proportion"] = 512,
    height: Annotated[int, Number(0, MAX_SIDE, 1), "New height in pixels; 0 follows the width in proportion"] = 512,
    crop: Annotated[
        Crop, "center cuts off what does not fit the new shape; disabled stretches the picture"
    ] = "disabled",
) -> Image:
    """Resize pictures to an exact width and height.

    Set one of the two to 0 to keep the proportions. When both are given and the shape changes, *crop* decides between
    cutting the edges off and stretching.
    """
    tall, wide = image.shape[1:3]
    _refuse_too_large(width or height * wide / tall, height or width * tall / wide, "width" if width else "height")
    return diffusion.pixels.resize(image, width, height, upscale_method, crop)


@node("ImageScaleBy", title="Resize Image By", category="image/size", aliases=("upscale", "scale"))
def scale_image_by(
    *,
    image: Annotated[Image, "The pictures to resize"],
    upscale_method: Annotated[ResizeMethod, _METHOD_TOOLTIP] = "nearest-exact",
    scale_by: Annotated[
        float, Slider(0.01, 8, 0.01), "How many times larger each side gets: 2 doubles it, 0.5 halves it"
    ] = 1.0,
) -> Image:
    """Resize pictures by a factor, keeping their proportions.

    A factor of 2 doubles each side and makes four times as many pixels. Resizing invents no detail; for that, send
    the result through VAE Encode and a sampler with a *denoise* of about 0.3.
    """
    _refuse_too_large(image.shape[2] * scale_by, image.shape[1] * scale_by, "scale_by")
    return diffusion.pixels.scale_by(image, scale_by, upscale_method)


@node("FluxKontextImageScale", title="Resize Image for Kontext", category="image/size", aliases=("flux", "kontext"))
def scale_for_kontext(*, image: Annotated[Image, "The pictures to edit with Flux Kontext"]) -> Image:
    """Resize pictures to the size that Flux Kontext knows best: about one million pixels, in similar proportions.

    Kontext was trained on 17 sizes. The one that is most like your picture is taken, and a small rest at the edges is
    cut off.
    """
    return diffusion.kontext_sizes.scaled(image)


@node("ImageCrop", title="Crop Image", category="image/size")
def crop_image(
    *,
    image: Annotated[Image, "The pictures to cut from"],
    width: Annotated[int, Number(1, MAX_SIDE, 1), "Width of the part to keep, in pixels"] = 512,
    height: Annotated[int, Number(1, MAX_SIDE, 1), "Height of the part to keep, in pixels"] = 512,
    x: Annotated[int, Number(0, MAX_SIDE, 1), "How far from the left edge the part begins"] = 0,
    y: Annotated[int, Number(0, MAX_SIDE, 1), "How far from the top edge the part begins"] = 0,
    ctx: NodeContext,
) -> Image:
    """Cut a rectangle out of pictures.

    (0, 0) is the upper left corner. Where the rectangle reaches beyond the picture, the result is smaller.
    """
    concerns.rectangle(ctx, (int(image.shape[2]), int(image.shape[1])), (x, y), (width, height))
    return diffusion.pixels.crop(image, x, y, width, height)


class Padded(NamedTuple):
    """A picture with room around it."""

    IMAGE: Annotated[Image, "The picture with grey borders"]
    MASK: Annotated[Mask, "White on the borders: what is to be painted"]


@node(
    "ImagePadForOutpaint",
    title="Pad Image for Outpainting",
    category="image/size",
    aliases=("outpaint", "extend", "border"),
)
def pad_for_outpaint(
    *,
    image: Annotated[Image, "The picture to extend"],
    left: Annotated[int, Number(0, MAX_SIDE, 8), "How many pixels to add on the left"] = 0,
    top: Annotated[int, Number(0, MAX_SIDE, 8), "How many pixels to add at the top"] = 0,
    right: Annotated[int, Number(0, MAX_SIDE, 8), "How many pixels to add on the right"] = 0,
    bottom: Annotated[int, Number(0, MAX_SIDE, 8), "How many pixels to add at the bottom"] = 0,
    feathering: Annotated[
        int, Number(0, MAX_SIDE, 1), "How far the painting may reach into the old picture, so that the seam blends in"
    ] = 40,
    ctx: NodeContext,
) -> Padded:
    """Add empty space around a picture and a mask that says what is new: the start of "outpainting".

    Connect both outputs to VAE Encode (for Inpainting) and the sampler paints what lies beyond the old edges.
    *feathering* of a quarter of the picture's side is a good start.
    """
    if not any((left, top, right, bottom)):
        ctx.warn("all four sides are 0, so nothing is added to the picture and nothing is masked")
    _refuse_too_large(image.shape[2] + left + right, image.shape[1] + top + bottom, "image")
    return Padded(*diffusion.pixels.pad_for_outpaint(image, (left, top, right, bottom), feathering))
