"""Nodes that load pictures from the input folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import diffusion
import pictures
from graph.api import FileChoice, Label, NodeContext, NodeError, node
from nodes.types import Image, Mask

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_NO_MASK = 64
"""Height and width of the mask of a picture without transparency, as other tools expect it."""


class Loaded(NamedTuple):
    """A picture and its transparency."""

    IMAGE: Annotated[Image, "The picture; the frames of an animation come as a batch"]
    MASK: Annotated[Mask, "White where the picture is transparent. Erase a part of a picture to mask it"]


@node("LoadImage", title="Load Image", category="image", lane="io", aliases=("open", "picture", "upload"), version=2)
def load_image(
    *,
    image: Annotated[
        str, FileChoice("input", upload="image"), Label("Picture"), "A picture from the input folder, or upload one"
    ],
    ctx: NodeContext,
) -> Loaded:
    """Load a picture: as the start of image-to-image, for inpainting, or to edit.

    PNG, JPEG, WebP, GIF, TIFF, BMP and AVIF are read; photographs are turned upright, and colours of another colour
    profile become sRGB. Transparent parts become the mask, so a picture with a hole erased into it is ready for
    inpainting.
    """
    pixels, alpha = diffusion.pixels.from_pil(_read(image, ctx))
    return Loaded(
        pixels, diffusion.masks.empty(1, _NO_MASK, _NO_MASK) if alpha is None else diffusion.masks.invert(alpha)
    )


@node("LoadImageMask", title="Load Mask", category="mask", lane="io", aliases=("open", "upload"), version=2)
def load_mask(
    *,
    image: Annotated[
        str, FileChoice("input", upload="image"), Label("Picture"), "A picture from the input folder, or upload one"
    ],
    channel: Annotated[
        Literal["alpha", "red", "green", "blue"],
        "What becomes the mask: alpha masks the transparent parts; red, green or blue mask the bright ones",
    ] = "alpha",
    ctx: NodeContext,
) -> Mask:
    """Load a mask from a picture file.

    For a black-and-white picture choose *red* (white is masked). For a picture with erased parts choose *alpha* (the
    erased parts are masked).
    """
    pixels, alpha = diffusion.pixels.from_pil(_read(image, ctx))
    if channel != "alpha":
        return diffusion.masks.from_channel(pixels, channel)
    if alpha is None:
        ctx.warn(f"{image} has no transparency, so the mask is empty; choose red for a black-and-white picture")
        return diffusion.masks.empty(*pixels.shape[:3])
    return diffusion.masks.invert(alpha)


def _read(name: str, ctx: NodeContext) -> tuple[Picture, ...]:
    try:
        found = pictures.reading.read(ctx.files.path("input", name))
    except pictures.formats.PictureError as error:
        raise NodeError(
            f"{name} cannot be used: {error}",
            input="image",
            remedy="choose another picture, or open this one in an image program and save it as PNG",
        ) from None
    for note in found.notes:
        ctx.warn(f"{name}: {note}")
    return found.frames
