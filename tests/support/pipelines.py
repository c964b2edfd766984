"""Pipelines of diffusers without text encoders, and our runs beside them: same weights, noise, prompts and levels.

Where a pipeline needs something to encode a picture with, it gets one that gives the latents of the test.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import torch

from diffusion.latents import empty
from diffusion.noise import initial_noise
from diffusion.sample import sample
from tests.support import tiny_families

if TYPE_CHECKING:
    from diffusion.conditioning import Conditioning
    from diffusion.models import DiffusionModel

STEPS, SEED, CFG, SIDES = 5, 11, 4.0, (8, 12)
PIXELS = {"height": SIDES[0] * 8, "width": SIDES[1] * 8}


class Encoder(torch.nn.Module):
    """In the place of a VAE: gives the same latents for every picture."""

    def __init__(self, model: DiffusionModel, latent: torch.Tensor) -> None:
        super().__init__()
        self.latent = latent
        self.dtype, self.device = torch.float32, torch.device("cpu")
        form = model.latent_format
        self.config = SimpleNamespace(
            scaling_factor=form.scale,
            shift_factor=form.shift,
            latent_channels=form.channels,
            block_out_channels=(8,) * 4,
            sample_size=64,
            force_upcast=False,
        )

    def encode(self, _pixels: torch.Tensor) -> Any:
        """The latents, whatever is asked of their distribution."""
        return SimpleNamespace(latent_dist=SimpleNamespace(sample=lambda *_, **_2: self.latent))


def both(model: DiffusionModel) -> tuple[Conditioning, Conditioning]:
    return (
        tiny_families.prompt(model, seed=1, sides=SIDES),
        tiny_families.prompt(model, seed=2, sides=SIDES),
    )


def embeds(positive: Conditioning, negative: Conditioning | None = None) -> dict[str, torch.Tensor]:
    """What pipelines call the parts of prompts."""
    found: dict[str, torch.Tensor] = {}
    for prefix, prompt in (("", positive), ("negative_", negative)):
        if prompt is not None:
            found[f"{prefix}prompt_embeds"] = prompt[0][0]
            if "pooled_output" in prompt[0][1]:
                found[f"{prefix}pooled_prompt_embeds"] = prompt[0][1]["pooled_output"]
    return found


def ours(
    model: DiffusionModel, positive: Conditioning, negative: Conditioning, cfg: float, scheduler: str
) -> torch.Tensor:
    """Our latents, in the model's scale."""
    painted = sample(
        model,
        positive,
        negative,
        empty(PIXELS["width"], PIXELS["height"]),
        seed=SEED,
        steps=STEPS,
        cfg=cfg,
        sampler_name="euler",
        scheduler=scheduler,
    )
    return model.latent_format.to_model(painted["samples"])


def noise_of(model: DiffusionModel) -> torch.Tensor:
    return initial_noise((1, model.latent_format.channels, *SIDES), SEED)


def quiet(pipe: Any) -> Any:
    pipe.set_progress_bar_config(disable=True)
    return pipe


def same(mine: torch.Tensor, theirs: torch.Tensor) -> bool:
    """Within 1e-4 of the latents' deviation."""
    assert mine.shape == theirs.shape
    return float((mine - theirs).abs().max()) <= 1e-4 * float(theirs.std())
