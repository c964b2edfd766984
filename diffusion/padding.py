"""Pictures whose sides no number of latent cells covers exactly: padded on the way in, cut on the way out.

The last row and column are repeated, on the right and at the bottom, so that a place in the picture stays the same
place in the latent. What a latent was padded from stands in it under `padded`; it counts for as long as the latent has
the cells that it was noted for, so that a node which knows nothing of it cannot make it wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit

if TYPE_CHECKING:
    from torch import Tensor

KEY = "padded"


def pad(pixels: Tensor, factor: int) -> Tensor:
    """[B, H, W, C] with both sides brought up to multiples of `factor`; the picture itself if they are."""
    height, width = pixels.shape[1:3]
    down, across = -height % factor, -width % factor
    if not down and not across:
        return pixels
    return F.pad(pixels.movedim(-1, 1), (0, across, 0, down), mode="replicate").movedim(1, -1)


def pad_mask(mask: Tensor, factor: int) -> Tensor:
    """The same of a mask [B, H, W]."""
    return pad(mask.unsqueeze(-1), factor).squeeze(-1)


def noted(latent: dict[str, Any], size: tuple[int, int], factor: int) -> dict[str, Any]:
    """The latent of a picture of some height and width, with a note of them where it is larger than that."""
    cells = (int(latent["samples"].shape[-2]), int(latent["samples"].shape[-1]))
    plain = {name: value for name, value in latent.items() if name != KEY}
    if size == (cells[0] * factor, cells[1] * factor):
        return plain
    return {**plain, KEY: {"size": size, "cells": cells, "factor": factor}}


def picture_size(latent: dict[str, Any]) -> tuple[int, int] | None:
    """Height and width in pixels of the picture in a latent that was padded; None for any other latent."""
    note = latent.get(KEY)
    if not isinstance(note, dict) or note.get("cells") != tuple(latent["samples"].shape[-2:]):
        return None
    height, width = note["size"]
    return height, width


def factor_of(latent: dict[str, Any]) -> int:
    """How many pixels a cell of a padded latent covers."""
    return int(latent[KEY]["factor"])


def part_of(latent: dict[str, Any]) -> tuple[float, float]:
    """How many rows and columns of a latent the picture takes; not always whole ones."""
    size = picture_size(latent)
    if size is None:
        return float(latent["samples"].shape[-2]), float(latent["samples"].shape[-1])
    return size[0] / factor_of(latent), size[1] / factor_of(latent)


def cut(pixels: Tensor, latent: dict[str, Any]) -> Tensor:
    """A decoded picture [B, H, W, C] without what was padded."""
    size = picture_size(latent)
    cells, factor = latent["samples"].shape[-2:], latent.get(KEY, {}).get("factor")
    if size is None or tuple(pixels.shape[1:3]) != (cells[0] * factor, cells[1] * factor):
        return pixels
    return pixels[:, : size[0], : size[1]].contiguous()


def fit_mask(mask: Tensor, latent: dict[str, Any]) -> Tensor:
    """A mask [B, H, W] of a picture as one of its latent: padded like it, so that both cover the same."""
    size = picture_size(latent)
    if size is None:
        return mask
    if tuple(mask.shape[-2:]) != size:
        mask = F.interpolate(mask.unsqueeze(1), size=size, mode="bilinear").squeeze(1)
    return pad_mask(mask, factor_of(latent))


def cut_mask(mask: Tensor, latent: dict[str, Any]) -> Tensor:
    """The part of a latent's mask [B, 1, H, W] that lies over the picture."""
    rows, columns = part_of(latent)
    cells = latent["samples"].shape[-2:]
    height, width = round(mask.shape[-2] * rows / cells[0]), round(mask.shape[-1] * columns / cells[1])
    return mask[..., : max(1, height), : max(1, width)]


def scale_part(samples: Tensor, box: tuple[float, float, float, float], size: tuple[int, int], method: str) -> Tensor:
    """Samples [B, C, h, w] -> [B, C, rows, columns]: a box (top, left, height, width) that may begin within a cell.

    `method` is nearest-exact, bilinear, bicubic or area.
    """
    top, left, height, width = box
    if method == "area":
        down = _shares(samples.shape[-2], top, height, size[0]).to(samples)
        across = _shares(samples.shape[-1], left, width, size[1]).to(samples)
        return down @ samples @ across.T
    y = _centres(top, height, size[0]) / samples.shape[-2] * 2 - 1
    x = _centres(left, width, size[1]) / samples.shape[-1] * 2 - 1
    grid = torch.stack((x.expand(size[0], -1), y.unsqueeze(1).expand(-1, size[1])), dim=-1).to(samples)
    grid = grid.expand(samples.shape[0], -1, -1, -1)
    mode = method.removesuffix("-exact")
    return F.grid_sample(samples, grid, mode=mode, padding_mode="border", align_corners=False)


def _centres(start: float, length: float, count: int) -> Tensor:
    """The middles of `count` equal parts of a stretch."""
    return start + (torch.arange(count) + 0.5) * (length / count)


def _shares(cells: int, start: float, length: float, count: int) -> Tensor:
    """[count, cells]: how much of each old cell lies in each new one, all of a new one together being 1."""
    edges = start + torch.arange(count + 1) * (length / count)
    old = torch.arange(cells)
    inside = torch.minimum(edges[1:, None], old + 1.0) - torch.maximum(edges[:-1, None], old)
    return inside.clamp(min=0) / (length / count)
