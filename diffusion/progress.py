"""Telling a listener how a run goes: steps, and now and then a picture."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from diffusion import borrowed_previews
from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image
    from torch import Tensor

    from diffusion.models import DiffusionModel
    from diffusion.samplers import Sampler

PREVIEW_SECONDS = 0.1
"""Previews are made at most this often, whoever asks."""


@dataclass(frozen=True)
class Step:
    """A step whose picture has just been predicted: `step` counts from 1 to `total`, `x` is what the model was shown at
    the noise level `sigma` and `x0` its prediction, both in the model's scale, on its device.

    `preview()` gives a small picture of the first item, or None when the last one was made less than PREVIEW_SECONDS
    ago (the last step always gives one). It costs nothing unless called, and may only be called inside `on_step`.
    """

    step: int
    total: int
    sigma: float
    x: Tensor
    x0: Tensor
    preview: Callable[[], Image | None]


class Progress:
    """Turns predictions into steps and keeps previews rare."""

    def __init__(
        self, model: DiffusionModel, sampler: Sampler, total: int, on_step: Callable[[Step], None] | None
    ) -> None:
        self._model = model
        self._calls_per_step = sampler.calls_per_step
        self._total = total
        self._on_step = on_step
        self._calls = 0
        self._last_preview = -math.inf

    def predicted(self, x: Tensor, x0: Tensor, sigma: float) -> None:
        """Counts a prediction and reports it when it is the first of its step."""
        call, self._calls = self._calls, self._calls + 1
        if call == 0 and not torch.isfinite(x0).all():
            raise not_finite()  # after one step rather than after fifty
        if self._on_step is None or call % self._calls_per_step:
            return
        step = call // self._calls_per_step + 1
        self._on_step(Step(step, self._total, sigma, x, x0, lambda: self._preview(x0, step)))

    def _preview(self, x0: Tensor, step: int) -> Image | None:
        now = time.monotonic()
        if step < self._total and now - self._last_preview < PREVIEW_SECONDS:
            return None
        model = self._model
        picture = model.preview(x0[0]) if model.preview else borrowed_previews.picture(x0[0], model.latent_format)
        self._last_preview = time.monotonic()
        return picture


def not_finite() -> DiffusionError:
    """The error for a prediction or a result with numbers that are not finite."""
    return DiffusionError(
        "The model gave numbers that are not finite, which would be a black picture.",
        remedy="Lower cfg, load the model in float32, or check that its files are the right ones.",
        input="model",
    )
