"""Arithmetic on masks: grow and shrink, invert, and the way from and to a picture's channel.

A mask batch is float32 [batch, height, width]; 1 is masked ("paint here"), 0 is kept, between is partly. Nothing here
changes what it was given.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from diffusion.errors import DiffusionError

CHANNELS = ("red", "green", "blue", "alpha")


def empty(batch: int, height: int, width: int) -> Tensor:
    """A mask batch that masks nothing."""
    return torch.zeros(batch, height, width)


def invert(mask: Tensor) -> Tensor:
    """What was masked is kept, and the other way round."""
    return 1.0 - mask


def grow(mask: Tensor, pixels: int, *, tapered_corners: bool = True) -> Tensor:
    """The mask reaching `pixels` further on every side, or less far where `pixels` is negative.

    Tapered corners grow a point into a diamond, plain ones into a square. Grey values spread as they are.
    """
    if pixels < 0:
        return -grow(-mask, -pixels, tapered_corners=tapered_corners)
    if pixels == 0:
        return mask
    planes = mask.unsqueeze(1)
    if not tapered_corners:
        return _spread(_spread(planes, min(pixels, mask.shape[1]), 0), 0, min(pixels, mask.shape[2])).squeeze(1)
    for _ in range(min(pixels, mask.shape[1] + mask.shape[2])):  # after that the whole plane is reached
        planes = torch.maximum(_spread(planes, 1, 0), _spread(planes, 0, 1))
    return planes.squeeze(1)


def _spread(planes: Tensor, down: int, across: int) -> Tensor:
    """The greatest value within `down` rows and `across` columns; beyond the edge there is nothing."""
    sides = functional.pad(planes, (across, across, down, down), value=-torch.inf)
    return functional.max_pool2d(sides, (2 * down + 1, 2 * across + 1), stride=1)


def to_image(mask: Tensor) -> Tensor:
    """The mask as a picture [batch, height, width, 3]: white where masked."""
    return mask.unsqueeze(-1).expand(-1, -1, -1, 3).contiguous()


def from_channel(image: Tensor, channel: str) -> Tensor:
    """One channel of a picture batch as mask. Raises `DiffusionError` when the picture has no such channel."""
    if channel not in CHANNELS:
        raise DiffusionError(
            f"There is no channel {channel!r}.", remedy=f"Choose one of {', '.join(CHANNELS)}.", input="channel"
        )
    index = CHANNELS.index(channel)
    if image.shape[-1] == 1 and channel != "alpha":
        index = 0
    if index >= image.shape[-1]:
        raise DiffusionError(
            "The picture has no transparency.",
            remedy="Choose red, green or blue, or use the MASK output of the node that loads the picture.",
            input="channel",
        )
    return image[..., index].clone()
