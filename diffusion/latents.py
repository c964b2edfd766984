"""LATENT: making, scaling and masking. Pure functions; unknown keys are carried on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit

from diffusion import padding
from diffusion.choices import CROPS, LATENT_UPSCALE_METHODS
from diffusion.errors import DiffusionError
from diffusion.memory import check_room
from diffusion.slerp import bislerp, bislerp_part

if TYPE_CHECKING:
    from torch import Tensor

EMPTY_CHANNELS, EMPTY_DOWNSCALE = 4, 8
"""An empty latent has the field's usual shape; sampling fits it to the model at hand."""

SMALLEST_SIDE = 64


def empty(width: int, height: int, batch_size: int = 1, channels: int = EMPTY_CHANNELS) -> dict[str, Any]:
    """Zeros [batch, channels, height // 8, width // 8] for a picture of that many pixels."""
    if width < EMPTY_DOWNSCALE or height < EMPTY_DOWNSCALE or batch_size < 1:
        raise DiffusionError(
            f"A batch of {batch_size} pictures of {width} x {height} pixels cannot be made.",
            remedy=f"Use sides of at least {EMPTY_DOWNSCALE} pixels and a batch of at least 1.",
        )
    shape = (batch_size, channels, height // EMPTY_DOWNSCALE, width // EMPTY_DOWNSCALE)
    what = f"An empty canvas for {batch_size:,} pictures of {width} x {height} pixels"
    check_room(what, shape, remedy="Make fewer pictures at once, or smaller ones.", input="batch_size")
    return {"samples": torch.zeros(shape), "downscale_ratio_spacial": EMPTY_DOWNSCALE}


def is_empty(samples: Tensor) -> bool:
    """Whether a latent holds nothing but zeros, and so has no channels or scale of its own yet."""
    return not bool(torch.count_nonzero(samples))


def upscale(latent: dict[str, Any], method: str, width: int, height: int, crop: str = "disabled") -> dict[str, Any]:
    """Scales to a size in pixels; 0 for one side keeps the proportions, 0 for both changes nothing.

    `crop` "center" keeps the proportions of what is shown and cuts the rest. Raises DiffusionError for unknown
    methods.
    """
    _check_choice(crop, CROPS, "crop")
    if width == 0 and height == 0:
        _check_choice(method, LATENT_UPSCALE_METHODS, "upscale_method")
        return dict(latent)
    rows, columns = padding.part_of(latent)
    wide = max(SMALLEST_SIDE, width or round(columns * max(SMALLEST_SIDE, height) / rows))
    high = max(SMALLEST_SIDE, height or round(rows * max(SMALLEST_SIDE, width) / columns))
    factor = int(latent.get("downscale_ratio_spacial", EMPTY_DOWNSCALE))
    if padding.picture_size(latent) is None:
        return {**latent, "samples": resize(latent["samples"], method, wide // factor, high // factor, crop)}
    return _upscale_part(latent, method, wide // factor, high // factor, crop)


def _upscale_part(latent: dict[str, Any], method: str, columns: int, rows: int, crop: str) -> dict[str, Any]:
    """Scales what of a padded latent is the picture, so that nothing of the padding is left."""
    _check_room(latent["samples"], columns, rows)
    _check_choice(method, LATENT_UPSCALE_METHODS, "upscale_method")
    high, wide = padding.part_of(latent)
    x, y = _spare(high, wide, columns / rows) if crop == "center" else (0.0, 0.0)
    box = (y, x, high - 2 * y, wide - 2 * x)
    samples, size = latent["samples"], (rows, columns)
    part = bislerp_part(samples, box, size) if method == "bislerp" else padding.scale_part(samples, box, size, method)
    scaled = {**latent, "samples": part}
    if "noise_mask" in latent:
        scaled["noise_mask"] = padding.cut_mask(latent["noise_mask"], latent)
    del scaled[padding.KEY]
    return scaled


def upscale_by(latent: dict[str, Any], method: str, factor: float) -> dict[str, Any]:
    """Scales both sides by a factor."""
    samples = latent["samples"]
    columns, rows = round(samples.shape[-1] * factor), round(samples.shape[-2] * factor)
    scaled = {**latent, "samples": resize(samples, method, max(1, columns), max(1, rows))}
    size = padding.picture_size(latent)
    if size is None:
        return scaled
    ratios = [new / old for new, old in zip(scaled["samples"].shape[-2:], samples.shape[-2:], strict=True)]
    fitted = (max(1, round(size[0] * ratios[0])), max(1, round(size[1] * ratios[1])))
    return padding.noted(scaled, fitted, padding.factor_of(latent))


def pixel_size(latent: dict[str, Any]) -> tuple[int, int]:
    """Width and height of the picture that a latent is of, in pixels."""
    size = padding.picture_size(latent)
    if size is not None:
        return size[1], size[0]
    factor = int(latent.get("downscale_ratio_spacial", EMPTY_DOWNSCALE))
    return latent["samples"].shape[-1] * factor, latent["samples"].shape[-2] * factor


def set_noise_mask(latent: dict[str, Any], mask: Tensor) -> dict[str, Any]:
    """The latent with a mask [B, H, W] of what sampling may change; kept as [B, 1, H, W]."""
    mask = padding.fit_mask(mask, latent)
    return {**latent, "noise_mask": mask.reshape(-1, 1, *mask.shape[-2:])}


def resize(samples: Tensor, method: str, columns: int, rows: int, crop: str = "disabled") -> Tensor:
    """Samples [B, C, h, w] -> [B, C, rows, columns]."""
    _check_choice(method, LATENT_UPSCALE_METHODS, "upscale_method")
    _check_room(samples, columns, rows)
    if crop == "center":
        samples = _cut_to_proportions(samples, columns / rows)
    if method == "bislerp":
        return bislerp(samples, columns, rows)
    return F.interpolate(samples, size=(rows, columns), mode=method)


def _check_room(samples: Tensor, columns: int, rows: int) -> None:
    what, remedy = f"A latent of {columns:,} x {rows:,} cells", "Choose a smaller size, or scale fewer at once."
    check_room(what, (*samples.shape[:2], rows, columns), remedy=remedy, input="samples")


def _spare(rows: float, columns: float, wanted: float) -> tuple[float, float]:
    """How much is to be cut off on the left and at the top, and as much on the other side, for some proportions."""
    return max(0.0, (columns - rows * wanted) / 2), max(0.0, (rows - columns / wanted) / 2)


def _cut_to_proportions(samples: Tensor, wanted: float) -> Tensor:
    rows, columns = samples.shape[-2:]
    x, y = map(round, _spare(rows, columns, wanted))
    return samples[..., y : rows - y, x : columns - x]


def _check_choice(value: str, choices: tuple[str, ...], name: str) -> None:
    if value not in choices:
        raise DiffusionError(
            f"There is no {name.replace('_', ' ')} {value!r}.",
            remedy=f"Choose one of {', '.join(choices)}.",
            input=name,
        )
