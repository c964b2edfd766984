"""What a denoiser is. A family makes one of a `DiffusionModel`; it holds nothing of a run.

Conditions are what the network needs of one entry of a conditioning, as tensors by name, batch first, on the model's
device. `CONTEXT` is the sequence of the prompt's tokens. `CONCAT` lies beside the latent: it has its sides, and a
region cuts both alike. The rest is the denoiser's own. Guidance lays conditions of several entries behind each other,
key by key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from diffusion.noise_models import NoiseModel
    from diffusion.start import Start

CONTEXT = "context"
CONCAT = "concat"

Conditions: TypeAlias = "dict[str, Tensor]"


class Denoiser(Protocol):
    """Predicts the clean latent. Works in the model's dtype, takes and gives float32."""

    def condition(self, embeds: Tensor, settings: Mapping[str, Any], start: Start, name: str) -> Conditions:
        """What the network needs of an entry: embeddings [1 or batch, tokens, width], and the field's settings.

        `start` says what the run starts from, and so its batch and sizes; `name` is the socket that the entry came in
        by. Raises DiffusionError that names it when something is absent or does not fit.
        """

    def __call__(self, x: Tensor, sigma: float, conditions: Conditions) -> Tensor:
        """x [B, C, h, w] at noise level sigma -> x0 like x. Sides of any length: it pads to its patches itself.

        In training a level of its own for each item stands for sigma (`diffusion.training.levels`): the denoiser
        hands it to its noise model, and to nobody else.
        """


def timesteps(noise_model: NoiseModel, sigma: float, x: Tensor, unit: float = 1.0) -> Tensor:
    """What a network is told at a noise level, in steps of `unit`, for each item of x: float32 [batch]."""
    told: Any = noise_model.timestep(sigma)
    return torch.as_tensor(told / unit, dtype=torch.float32, device=x.device).expand(x.shape[0])
