"""The denoiser of Flux.1: a transformer over one sequence of the prompt's tokens and the picture's.

A token is 2 x 2 cells of the latent, known by its place: (which picture, row, column). What a variant sees beside x is
packed behind the channels of x: a picture to be led by, or what is kept of a picture, and the mask of its hole pixel
by pixel. Pictures to refer to (Kontext, arXiv 2506.15742) are tokens of their own behind those of x; what the network
says of them is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from diffusion.denoisers import beside, prompt, references
from diffusion.denoisers.contract import CONCAT, CONTEXT, timesteps
from diffusion.denoisers.patches import SIDE, packed, padded, pixels_as_channels, unpacked
from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from diffusion.denoisers.contract import Conditions
    from diffusion.models import DiffusionModel
    from diffusion.start import Start

_POOLED, _GUIDANCE = "pooled", "guidance"
_USUAL_GUIDANCE = 3.5
_STEPS = 1000.0


@dataclass(frozen=True)
class FluxDenoiser:
    """Predicts the clean latent. Works in the model's dtype, takes and gives float32."""

    model: DiffusionModel

    def condition(self, embeds: Tensor, settings: Mapping[str, Any], start: Start, name: str) -> Conditions:
        """The prompt's tokens and pooled vector, guidance, and what the network sees beside x or refers to."""
        model, config, batch = self.model, self.model.module.config, start.latent.shape[0]
        conditions = {
            CONTEXT: prompt.context(model, embeds, int(config.joint_attention_dim), batch, name),
            _POOLED: prompt.pooled(model, settings, int(config.pooled_projection_dim), batch, name),
            **references.tokens(model, settings, start, name),
        }
        if config.guidance_embeds:
            strength = float(settings.get("guidance", _USUAL_GUIDANCE))
            conditions[_GUIDANCE] = torch.full((batch,), strength, dtype=torch.float32, device=model.device)
        extra = self._beside(settings, start, name)
        return conditions if extra is None else {**conditions, CONCAT: extra.to(model.device, model.dtype)}

    def __call__(self, x: Tensor, sigma: float, conditions: Conditions) -> Tensor:
        """x [B, C, h, w] at noise level sigma -> x0 like x."""
        model, noise_model = self.model, self.model.noise_model
        whole = padded(noise_model.scale_input(x, sigma).to(model.dtype), SIDE)
        height, width = whole.shape[-2:]
        if CONCAT in conditions:
            whole = torch.cat([whole, padded(conditions[CONCAT], SIDE)], dim=1)
        picture = packed(whole)
        others, other_places = references.taken(conditions)
        places = references.places(height // SIDE, width // SIDE, x.device)
        output = model.module(
            hidden_states=torch.cat([picture, *others], dim=1),
            timestep=timesteps(noise_model, sigma, x, _STEPS),
            guidance=conditions.get(_GUIDANCE),
            pooled_projections=conditions[_POOLED],
            encoder_hidden_states=conditions[CONTEXT],
            txt_ids=torch.zeros(conditions[CONTEXT].shape[1], 3, device=x.device),
            img_ids=torch.cat([places, *other_places]),
            return_dict=False,
        )[0]
        velocity = unpacked(output[:, : picture.shape[1]], height, width)
        return noise_model.x0(x, velocity[..., : x.shape[-2], : x.shape[-1]].to(x.dtype), sigma)

    def _beside(self, settings: Mapping[str, Any], start: Start, name: str) -> Tensor | None:
        model, detail = self.model, self.model.latent_format.downscale
        taken, channels = int(model.module.config.in_channels) // SIDE**2, model.latent_format.channels
        if taken == channels:
            return None
        if taken == 2 * channels:
            return model.latent_format.to_model(beside.picture_beside(model, settings, start, name))
        if taken == 2 * channels + detail**2:
            kept, hole = beside.hole_beside(model, settings, start, name, detail=detail)
            return torch.cat([kept, pixels_as_channels(hole, detail)], dim=1)
        raise DiffusionError(
            f"This model takes {taken} channels, of which {taken - channels} are of a kind that is not known here.",
            remedy="Use a Flux.1 model for painting, filling, editing, or control by a picture.",
            input="model",
        )
