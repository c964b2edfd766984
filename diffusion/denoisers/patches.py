"""Latents as patches: sides made a multiple of them, and 2 x 2 cells packed into the channels of one token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F  # noqa: N812 - torch's own habit

if TYPE_CHECKING:
    from torch import Tensor

SIDE = 2


def padded(x: Tensor, multiple: int) -> Tensor:
    """x [B, C, h, w] with sides made a multiple of some number, by what lies at the other edge."""
    down, across = -x.shape[-2] % multiple, -x.shape[-1] % multiple
    return F.pad(x, (0, across, 0, down), mode="circular") if down or across else x


def packed(x: Tensor) -> Tensor:
    """[B, C, h, w] -> [B, h / 2 * w / 2, 4 C]: a token for each 2 x 2 cells, channel by channel."""
    batch, channels, height, width = x.shape
    rows, columns = height // SIDE, width // SIDE
    x = x.reshape(batch, channels, rows, SIDE, columns, SIDE).permute(0, 2, 4, 1, 3, 5)
    return x.reshape(batch, rows * columns, channels * SIDE * SIDE)


def unpacked(tokens: Tensor, height: int, width: int) -> Tensor:
    """The inverse of `packed`, for a latent of that many cells."""
    batch, _, channels = tokens.shape
    rows, columns = height // SIDE, width // SIDE
    x = tokens.reshape(batch, rows, columns, channels // SIDE**2, SIDE, SIDE).permute(0, 3, 1, 4, 2, 5)
    return x.reshape(batch, channels // SIDE**2, height, width)


def pixels_as_channels(mask: Tensor, detail: int) -> Tensor:
    """A mask [B, 1, detail * h, detail * w] -> [B, detail ** 2, h, w]: the pixels of each cell become its channels."""
    return F.pixel_unshuffle(mask, detail)
