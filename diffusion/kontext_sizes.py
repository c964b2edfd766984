"""The sizes of pictures that Flux Kontext was trained on, and a picture brought to the one that is most like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion import pixels

if TYPE_CHECKING:
    from torch import Tensor

SIZES = (
    (672, 1568), (688, 1504), (720, 1456), (752, 1392), (800, 1328), (832, 1248), (880, 1184), (944, 1104),
    (1024, 1024), (1104, 944), (1184, 880), (1248, 832), (1328, 800), (1392, 752), (1456, 720), (1504, 688),
    (1568, 672),
)  # fmt: skip
"""Width and height in pixels, as the model's authors give them (https://github.com/black-forest-labs/flux)."""


def scaled(image: Tensor) -> Tensor:
    """IMAGE [B, H, W, C] in the size of nearest proportions; what does not fit them is cut off evenly."""
    proportions = image.shape[2] / image.shape[1]
    width, height = min(SIZES, key=lambda size: abs(size[0] / size[1] - proportions))
    return pixels.resize(image, width, height, "lanczos", "center")
