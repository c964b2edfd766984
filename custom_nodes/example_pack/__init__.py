"""An example pack: three small nodes to copy from. `docs/writing-nodes.md` explains what they do.

Everything in this folder is loaded when Jacquard starts. A pack of your own is a folder beside this one, or a single
file.
"""

from __future__ import annotations

import random
from typing import Annotated, NamedTuple

from graph.api import NodeError, Seed, Slider, Text, node
from nodes.types import Image


@node("ExamplePosterize", title="Posterize", category="example/image")
def posterize(
    image: Image, levels: Annotated[int, Slider(2, 32, 1), "Shades left in each channel; fewer is bolder"] = 4
) -> Image:
    """Reduce a picture to a few shades, like a screen print.

    Shows the least that a node needs: a typed function. The slider, its limits and its tooltip are in the annotation.
    """
    return (image * (levels - 1)).round() / (levels - 1)


class Size(NamedTuple):
    """Several outputs: each field is one."""

    width: Annotated[int, "Width in pixels"]
    height: Annotated[int, "Height in pixels"]


@node("ExampleImageSize", title="Image Size", category="example/image")
def image_size(image: Annotated[Image, "The picture to measure"]) -> Size:
    """Tell the width and height of a picture, to feed them to other nodes.

    Shows how a node gets more than one output.
    """
    _, height, width, _ = image.shape
    return Size(width, height)


@node("ExamplePickLine", title="Pick a Line", category="example/text")
def pick_line(
    lines: Annotated[str, Text(multiline=True), "One idea a line; empty lines do not count"] = "a red cat\na blue bird",
    seed: Annotated[int, Seed(), "Which line: the same seed picks the same one"] = 0,
) -> str:
    """Pick one line of a text at random, for instance a prompt.

    Shows how a node stays repeatable: what is random comes from a seed that the workflow keeps. Bad input is refused
    with words that say what to do.
    """
    choices = [line.strip() for line in lines.splitlines() if line.strip()]
    if not choices:
        raise NodeError("there is no line to pick from", input="lines", remedy="write at least one line")
    return random.Random(seed).choice(choices)  # noqa: S311 - a choice of words, not a secret
