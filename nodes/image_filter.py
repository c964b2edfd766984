"""Nodes that change every pixel of one picture: invert, blur, sharpen."""

from __future__ import annotations

from typing import Annotated

import diffusion
from graph.api import Number, Slider, node
from nodes.types import Image


@node("ImageInvert", title="Invert Image", category="image/filter", aliases=("negative",))
def invert_image(*, image: Annotated[Image, "The pictures to invert"]) -> Image:
    """Swap light and dark, and every colour for its opposite, like a photographic negative.

    Useful for a mask that was drawn the other way round, or for sketches with white lines on black.
    """
    return diffusion.pixels.invert(image)


@node("ImageBlur", title="Blur Image", category="image/filter", aliases=("gaussian", "soften"))
def blur_image(
    *,
    image: Annotated[Image, "The pictures to soften"],
    blur_radius: Annotated[int, Number(1, 31, 1), "How many pixels away the blur still reaches"] = 1,
    sigma: Annotated[
        float, Slider(0.1, 10, 0.1), "How evenly the reach is used: 0.3 keeps to the middle, 1 and more is a full blur"
    ] = 1.0,
) -> Image:
    """Make pictures softer (Gaussian blur).

    Raise *blur_radius* for a stronger blur: 1 takes off the edge, 10 blurs small things away. *sigma* is counted in
    radii, so 1.0 suits every radius.
    """
    return diffusion.pixels.blur(image, blur_radius, sigma)


@node("ImageSharpen", title="Sharpen Image", category="image/filter", aliases=("unsharp mask",))
def sharpen_image(
    *,
    image: Annotated[Image, "The pictures to sharpen"],
    sharpen_radius: Annotated[
        int, Number(1, 31, 1), "The size of the details to bring out, in pixels; 1 or 2 as a rule"
    ] = 1,
    sigma: Annotated[float, Slider(0.1, 10, 0.01), "How evenly the radius is used; 1.0 suits every radius"] = 1.0,
    alpha: Annotated[
        float, Slider(0, 5, 0.01), "How strongly: 0.05 to 0.2 looks natural, 1 is harsh, 0 changes nothing"
    ] = 1.0,
) -> Image:
    """Bring out edges and fine detail (unsharp mask).

    Begin with an *alpha* of 0.1: the default of 1, which saved workflows count on, is a strong effect. Too much gives
    bright and dark halos along edges.
    """
    return diffusion.pixels.sharpen(image, sharpen_radius, sigma, alpha)
