"""The denoiser of the Stable Diffusion 1 and 2 family: a UNet that sees text by cross-attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from diffusion.models import DiffusionModel


@dataclass(frozen=True)
class SdDenoiser:
    """Predicts the clean latent. Works in the model's dtype, takes and gives float32."""

    model: DiffusionModel

    def __call__(self, x: Tensor, sigma: float, context: Tensor) -> Tensor:
        """x [B, C, h, w] at noise level sigma, context [B, tokens, width] in the model's dtype -> x0 like x."""
        noise_model = self.model.noise_model
        output = self.model.unet(
            noise_model.scale_input(x, sigma).to(self.model.dtype),
            torch.tensor(noise_model.timestep(sigma), dtype=torch.float32, device=x.device),
            encoder_hidden_states=context,
            return_dict=False,
        )[0]
        return noise_model.x0(x, output.to(x.dtype), sigma)
