"""The denoiser of Stable Diffusion 3 and 3.5: a transformer (arXiv 2403.03206) that takes the latent as patches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diffusion.denoisers import prompt
from diffusion.denoisers.contract import CONTEXT, timesteps
from diffusion.denoisers.patches import padded
from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from diffusion.denoisers.contract import Conditions
    from diffusion.models import DiffusionModel
    from diffusion.start import Start

_POOLED = "pooled"


@dataclass(frozen=True)
class Sd3Denoiser:
    """Predicts the clean latent. Works in the model's dtype, takes and gives float32."""

    model: DiffusionModel

    def condition(self, embeds: Tensor, settings: Mapping[str, Any], start: Start, name: str) -> Conditions:
        """The prompt's tokens and pooled vector."""
        config, batch = self.model.module.config, start.latent.shape[0]
        self._check_size(start)
        return {
            CONTEXT: prompt.context(self.model, embeds, int(config.joint_attention_dim), batch, name),
            _POOLED: prompt.pooled(self.model, settings, int(config.pooled_projection_dim), batch, name),
        }

    def __call__(self, x: Tensor, sigma: float, conditions: Conditions) -> Tensor:
        """x [B, C, h, w] at noise level sigma -> x0 like x."""
        noise_model = self.model.noise_model
        whole = padded(noise_model.scale_input(x, sigma), int(self.model.module.config.patch_size))
        output = self.model.module(
            hidden_states=whole.to(self.model.dtype),
            timestep=timesteps(noise_model, sigma, x),
            encoder_hidden_states=conditions[CONTEXT],
            pooled_projections=conditions[_POOLED],
            return_dict=False,
        )[0]
        return noise_model.x0(x, output[..., : x.shape[-2], : x.shape[-1]].to(x.dtype), sigma)

    def _check_size(self, start: Start) -> None:
        """The table of places ends somewhere."""
        config = self.model.module.config
        most = int(config.pos_embed_max_size) * int(config.patch_size)
        rows, columns = start.latent.shape[-2:]
        if max(rows, columns) > most:
            scale = self.model.latent_format.downscale
            raise DiffusionError(
                f"This model paints {most * scale} pixels a side at most, not {columns * scale} x {rows * scale}.",
                remedy="Make a smaller picture, and enlarge it afterwards.",
                input="latent_image",
            )
