"""Where, when and how strongly a conditioning's entries apply.

An entry's settings: `strength` (1.0), `area` (height, width, y, x in latent cells, or ("percentage", ...) in
fractions of the latent), `mask` with `mask_strength` and `set_area_to_bounds`, `start_percent` and `end_percent` of
the run. Entries are averaged by weight. A rectangle's weight fades over 8 cells at edges inside the picture, so that
no seam shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from diffusion.denoisers.contract import CONCAT
from diffusion.inpainting import latent_mask

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.conditioning import Conditioning
    from diffusion.denoisers.contract import Conditions, Denoiser
    from diffusion.noise_models import NoiseModel
    from diffusion.start import Start

_FADE = 8


@dataclass(frozen=True, eq=False)
class Region:
    """An entry, ready for one run: what the denoiser is told, a box in the latent, and the weight of its prediction.

    `box` is None for the whole latent, else (y, x, height, width). `weight` is a number or a tensor that broadcasts
    over the box. It applies while `first >= sigma >= last`.
    """

    conditions: Conditions
    box: tuple[int, int, int, int] | None
    weight: Tensor | float
    first: float
    last: float

    def applies_at(self, sigma: float) -> bool:
        """Whether this entry has a say at the noise level."""
        return self.last <= sigma <= self.first

    @property
    def everywhere(self) -> bool:
        """Whether it covers the whole latent with one weight."""
        return self.box is None and not isinstance(self.weight, torch.Tensor)

    def cut(self, x: Tensor) -> Tensor:
        """The part of x [B, C, h, w] that this entry predicts for."""
        return _cut(x, self.box)


def regions(
    conditioning: Conditioning, denoiser: Denoiser, noise_model: NoiseModel, start: Start, name: str
) -> list[Region]:
    """The entries of a conditioning for a run; `name` is the socket they came in by.

    Raises DiffusionError when an entry does not fit the model.
    """
    return [_region(embeds, settings, denoiser, noise_model, start, name) for embeds, settings in conditioning]


def _region(
    embeds: Tensor, settings: dict[str, Any], denoiser: Denoiser, noise_model: NoiseModel, start: Start, name: str
) -> Region:
    conditions, x = denoiser.condition(embeds, settings, start, name), start.latent
    mask = settings.get("mask")
    cover = None if mask is None else latent_mask(mask, x)[:, :1] * float(settings.get("mask_strength", 1.0))
    box = _box(settings.get("area"), x)
    if cover is not None and box is None and settings.get("set_area_to_bounds"):
        box = _bounds(cover)
    weight: Tensor | float = float(settings.get("strength", 1.0))
    if cover is not None:
        weight = weight * _cut(cover, box)
    elif box is not None:
        weight = weight * _faded(box, x)
    if CONCAT in conditions:
        conditions = {**conditions, CONCAT: _cut(conditions[CONCAT], box)}
    first = noise_model.sigma_at(float(settings.get("start_percent", 0.0)))
    last = noise_model.sigma_at(float(settings.get("end_percent", 1.0)))
    return Region(conditions, box, weight, first, last)


def _cut(x: Tensor, box: tuple[int, int, int, int] | None) -> Tensor:
    if box is None:
        return x
    top, left, height, width = box
    return x[..., top : top + height, left : left + width]


def _box(area: tuple[Any, ...] | None, x: Tensor) -> tuple[int, int, int, int] | None:
    if area is None:
        return None
    rows, columns = x.shape[-2:]
    if area[0] == "percentage":
        h, w, top, left = (float(part) for part in area[1:])
        area = (max(1, round(h * rows)), max(1, round(w * columns)), round(top * rows), round(left * columns))
    height, width, top, left = (int(part) for part in area)
    # A box that lies beyond the picture is moved to its edge rather than refused, as the picture's size may change.
    top, left = min(max(top, 0), rows - 1), min(max(left, 0), columns - 1)
    return top, left, max(1, min(height, rows - top)), max(1, min(width, columns - left))


def _bounds(cover: Tensor) -> tuple[int, int, int, int] | None:
    painted = cover.amax(dim=(0, 1)) > 0
    rows, columns = painted.any(dim=1).nonzero().flatten(), painted.any(dim=0).nonzero().flatten()
    if not len(rows):
        return None
    top, left = int(rows[0]), int(columns[0])
    return top, left, max(1, int(rows[-1]) - top + 1), max(1, int(columns[-1]) - left + 1)


def _faded(box: tuple[int, int, int, int], x: Tensor) -> Tensor:
    top, left, height, width = box
    down = _ramp(height, top > 0, top + height < x.shape[-2])
    across = _ramp(width, left > 0, left + width < x.shape[-1])
    return (down[:, None] * across[None, :])[None, None].to(x)


def _ramp(length: int, fade_in: bool, fade_out: bool) -> Tensor:
    place = torch.arange(length, dtype=torch.float32)
    start = (place + 1) / _FADE if fade_in else torch.full((length,), math.inf)
    end = (length - place) / _FADE if fade_out else torch.full((length,), math.inf)
    return start.minimum(end).clamp(max=1.0)
