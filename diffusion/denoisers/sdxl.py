"""The denoisers of Stable Diffusion XL and its refiner: the UNet is also told a pooled prompt and some numbers.

The numbers are heights and widths in pixels (arXiv 2307.01952, section 2.2): of the picture as it was before it was
scaled, where it was cropped, and the size that is wanted; the refiner is told how pretty it is to be instead of the
last. Where a prompt does not say, they are those of the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from diffusion.denoisers import prompt
from diffusion.denoisers.unet import UNetDenoiser
from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from diffusion.denoisers.contract import Conditions
    from diffusion.models import DiffusionModel
    from diffusion.start import Start

_POOLED, _NUMBERS = "pooled", "numbers"
_PRETTY, _LESS_PRETTY = 6.0, 2.5
"""What the refiner was told in training of good pictures; the lower number leads away from others."""


@dataclass(frozen=True)
class SdxlDenoiser(UNetDenoiser):
    """Told the pooled prompt, and the sizes of a picture."""

    def condition(self, embeds: Tensor, settings: Mapping[str, Any], start: Start, name: str) -> Conditions:
        """The prompt's tokens and pooled vector, the numbers, and what the UNet sees beside x."""
        batch = start.latent.shape[0]
        numbers = torch.tensor([self._numbers(settings, start, name)], dtype=torch.float32, device=self.model.device)
        width = _pooled_width(self.model, numbers.shape[1])
        return {
            **super().condition(embeds, settings, start, name),
            _POOLED: prompt.pooled(self.model, settings, width, batch, name),
            _NUMBERS: numbers.expand(batch, -1),
        }

    def _numbers(self, settings: Mapping[str, Any], start: Start, name: str) -> list[float]:  # noqa: ARG002
        width, height = _size(self.model, settings, start)
        target = settings.get("target_height", height), settings.get("target_width", width)
        return [float(part) for part in (height, width, *_crop(settings), *target)]

    def _added(self, conditions: Conditions) -> dict[str, Tensor]:
        return {"text_embeds": conditions[_POOLED], "time_ids": conditions[_NUMBERS]}


@dataclass(frozen=True)
class RefinerDenoiser(SdxlDenoiser):
    """Told how pretty the picture is to be, instead of its size."""

    def _numbers(self, settings: Mapping[str, Any], start: Start, name: str) -> list[float]:
        width, height = _size(self.model, settings, start)
        usual = _LESS_PRETTY if name == "negative" else _PRETTY
        score = settings.get("aesthetic_score", usual)
        return [float(part) for part in (height, width, *_crop(settings), score)]


def _size(model: DiffusionModel, settings: Mapping[str, Any], start: Start) -> tuple[Any, Any]:
    rows, columns = (side * model.latent_format.downscale for side in start.latent.shape[-2:])
    return settings.get("width", columns), settings.get("height", rows)


def _crop(settings: Mapping[str, Any]) -> tuple[Any, Any]:
    return settings.get("crop_h", 0), settings.get("crop_w", 0)


def _pooled_width(model: DiffusionModel, numbers: int) -> int:
    config = model.module.config
    width = int(config.projection_class_embeddings_input_dim) - numbers * int(config.addition_time_embed_dim)
    if width > 0:
        return width
    raise DiffusionError(
        f"The model says that it is told {config.projection_class_embeddings_input_dim} numbers, which is too few.",
        remedy="Copy or download the model again.",
        input="model",
    )
