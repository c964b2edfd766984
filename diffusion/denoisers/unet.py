"""The denoiser of Stable Diffusion 1 and 2: a UNet that sees text by cross-attention.

What it sees beside x tells how many channels it takes: none more, those of a picture to be edited (arXiv 2211.09800),
or a mask and what is kept of a picture to be painted into.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from diffusion.denoisers import beside, prompt
from diffusion.denoisers.contract import CONCAT, CONTEXT, timesteps
from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from diffusion.denoisers.contract import Conditions
    from diffusion.models import DiffusionModel
    from diffusion.start import Start


@dataclass(frozen=True)
class UNetDenoiser:
    """Predicts the clean latent. Works in the model's dtype, takes and gives float32."""

    model: DiffusionModel

    def condition(self, embeds: Tensor, settings: Mapping[str, Any], start: Start, name: str) -> Conditions:
        """The prompt's tokens, and what the UNet sees beside x."""
        batch, width = start.latent.shape[0], int(self.model.module.config.cross_attention_dim)
        conditions = {CONTEXT: prompt.context(self.model, embeds, width, batch, name)}
        extra = self._beside(settings, start, name)
        return conditions if extra is None else {**conditions, CONCAT: extra.to(self.model.device, self.model.dtype)}

    def __call__(self, x: Tensor, sigma: float, conditions: Conditions) -> Tensor:
        """x [B, C, h, w] at noise level sigma -> x0 like x."""
        noise_model = self.model.noise_model
        scaled = noise_model.scale_input(x, sigma).to(self.model.dtype)
        output = self.model.module(
            torch.cat([scaled, conditions[CONCAT]], dim=1) if CONCAT in conditions else scaled,
            timesteps(noise_model, sigma, x),
            encoder_hidden_states=conditions[CONTEXT],
            added_cond_kwargs=self._added(conditions),
            return_dict=False,
        )[0]
        return noise_model.x0(x, output.to(x.dtype), sigma)

    def _added(self, conditions: Conditions) -> dict[str, Tensor] | None:  # noqa: ARG002 - larger UNets take some
        return None

    def _beside(self, settings: Mapping[str, Any], start: Start, name: str) -> Tensor | None:
        taken, channels = int(self.model.module.config.in_channels), self.model.latent_format.channels
        if taken == channels:
            return None
        if taken == 2 * channels:
            return beside.picture_beside(self.model, settings, start, name)
        if taken == 2 * channels + 1:
            kept, hole = beside.hole_beside(self.model, settings, start, name)
            return torch.cat([hole, kept], dim=1)
        raise DiffusionError(
            f"This model takes {taken} channels, of which {taken - channels} are of a kind that is not known here.",
            remedy="Use a model for painting, inpainting or editing by instruction.",
            input="model",
        )
