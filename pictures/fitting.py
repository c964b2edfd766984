"""Bringing pictures to a size: one for a whole set, or one of several by shape, as sets for training need it.

Models learn from batches, and a batch has one size. Where cutting would take too much away, pictures are sorted into
sizes of about one area ("aspect ratio bucketing", NovelAI 2022).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from PIL import Image

Method = Literal["Stretch", "Crop", "Pad"]
Size = tuple[int, int]
"""Width and height in pixels."""

_MULTIPLE = 8
"""Pixels of a latent cell: each side of a shape is a multiple of it."""
_SHAPES_A_SIDE = 8
"""A side of a square is so many steps long; the sides of all shapes are whole steps."""
_LONGEST_STEP = 64
_MOST_STRETCHED = 3.0
"""The longer side of a shape by its shorter one, at most; panoramas are cut to that."""


def fitted(picture: Image.Image, size: Size, method: Method) -> Image.Image:
    """The picture as RGB at `size`, by Lanczos.

    "Stretch" changes its proportions, "Crop" cuts the longer side off evenly, "Pad" adds black borders.
    """
    picture = picture.convert("RGB")
    if picture.size == size:
        return picture
    if method == "Stretch":
        return picture.resize(size, Image.Resampling.LANCZOS)
    if method == "Crop":
        return picture.resize(size, Image.Resampling.LANCZOS, box=_middle(picture.size, size))
    scale = min(wanted / side for wanted, side in zip(size, picture.size, strict=True))
    width, height = (max(1, round(side * scale)) for side in picture.size)
    canvas = Image.new("RGB", size)
    inner = picture.resize((width, height), Image.Resampling.LANCZOS)
    canvas.paste(inner, ((size[0] - width) // 2, (size[1] - height) // 2))
    return canvas


def _middle(old: Size, new: Size) -> tuple[float, float, float, float]:
    """The largest centred part of `old` with the proportions of `new`, in fractions of pixels."""
    scale = min(side / wanted for wanted, side in zip(new, old, strict=True))
    left, top = max(0.0, (old[0] - new[0] * scale) / 2), max(0.0, (old[1] - new[1] * scale) / 2)  # not -1e-15
    return left, top, old[0] - left, old[1] - top


def shapes(area: float) -> list[Size]:
    """The sizes for pictures of about `area` pixels, from the tallest to the widest; no one has more than `area`.

    A square of 512 x 512 gives steps of 64 pixels, one of 128 x 128 steps of 16.
    """
    side = math.sqrt(area)
    step = min(_LONGEST_STEP, max(_MULTIPLE, int(side / _SHAPES_A_SIDE) // _MULTIPLE * _MULTIPLE))
    found: set[Size] = set()
    for count in range(1, int(side * _MOST_STRETCHED / step) + 1):
        long = count * step
        short = int(area / long + 1e-6) // step * step
        if short and max(long, short) <= _MOST_STRETCHED * min(long, short):
            found |= {(long, short), (short, long)}
    smallest = max(_MULTIPLE, int(side) // _MULTIPLE * _MULTIPLE)
    return sorted(found or {(smallest, smallest)}, key=lambda size: (size[0] / size[1], size))


def nearest_shape(size: Size, among: Sequence[Size]) -> Size:
    """That of `among` whose proportions are most like those of `size`; of equals the largest."""
    ratio = math.log(size[0] / size[1])
    return min(among, key=lambda each: (round(abs(math.log(each[0] / each[1]) - ratio), 6), -each[0] * each[1]))
