"""Pictures that a model paints while it learns, to see what it knows by now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from diffusion import borrowed_previews
from diffusion.pixels import to_pil
from diffusion.sample import sample
from diffusion.vae import decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

    from diffusion.conditioning import Conditioning
    from diffusion.models import DiffusionModel, Vae

_STEPS = 12
"""Enough to see what it is going to be."""


@dataclass(frozen=True)
class Painter:
    """Paints one prompt, always from the same noise, in the size of a LATENT; with `vae` as a real picture."""

    prompt: Conditioning
    like: dict[str, Any]
    vae: Vae | None
    seed: int
    cancelled: Callable[[], bool] | None = None

    def paint(self, model: DiffusionModel) -> Image | None:
        """A picture by the model as it is now; None where there is nothing to make one with."""
        canvas = {"samples": torch.zeros_like(self.like["samples"][:1])}
        native = model.family.native_of(model.variant)
        done = sample(
            model, self.prompt, self.prompt, canvas, seed=self.seed, steps=min(_STEPS, native.steps), cfg=1.0,
            sampler_name="euler", scheduler="simple", cancelled=self.cancelled,
        )  # fmt: skip
        if self.vae is not None:
            return to_pil(decode(self.vae, done["samples"])[0])
        latent = model.latent_format.to_model(done["samples"][0])
        return model.preview(latent) if model.preview else borrowed_previews.picture(latent, model.latent_format)
