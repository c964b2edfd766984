"""What a run starts from, for latents of 8 x 8 cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from diffusion.samplers import SAMPLERS
from diffusion.start import prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffusion.models import DiffusionModel
    from diffusion.start import Start

torch.set_num_threads(1)


@pytest.fixture
def start_of() -> Callable[..., Start]:
    """`start_of(model, samples=..., noise_mask=...)`: the start of a run from such a LATENT."""

    def make(model: DiffusionModel, **latent: Any) -> Start:
        given = {"samples": torch.zeros(1, model.latent_format.channels, 8, 8), **latent}
        return prepare(model, given, SAMPLERS["euler"], 0, add_noise=True)

    return make
