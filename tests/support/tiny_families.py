"""A tiny model with random weights of every family and variant, and prompts that have all that it needs.

model = tiny_families.model("flux", "fill")
prompt = tiny_families.prompt(model, seed=1)
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import torch

from diffusion.families.table import FAMILIES
from diffusion.models import DiffusionModel
from tests.support import tiny_modules

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from diffusion.conditioning import Conditioning

_BUILD: dict[tuple[str, str], Callable[[], Any]] = {
    ("sd1", ""): lambda: tiny_modules.unet("sd1"),
    ("sd1", "inpaint"): lambda: tiny_modules.unet("sd1", channels=9),
    ("sd1", "instruct"): lambda: tiny_modules.unet("sd1", channels=8),
    ("sd2", ""): lambda: tiny_modules.unet("sd2"),
    ("sd2", "v"): lambda: tiny_modules.unet("sd2"),
    ("sd2", "inpaint"): lambda: tiny_modules.unet("sd2", channels=9),
    ("sdxl", ""): lambda: tiny_modules.unet("sdxl"),
    ("sdxl", "v"): lambda: tiny_modules.unet("sdxl"),
    ("sdxl", "v_zero_snr"): lambda: tiny_modules.unet("sdxl"),
    ("sdxl", "inpaint"): lambda: tiny_modules.unet("sdxl", channels=9),
    ("sdxl_refiner", ""): lambda: tiny_modules.unet("sdxl_refiner"),
    ("sd3", ""): lambda: tiny_modules.sd3("without norms"),
    ("sd3", "medium"): lambda: tiny_modules.sd3("medium"),
    ("sd3", "large"): tiny_modules.sd3,
    ("flux", ""): lambda: tiny_modules.flux(guidance=True),
    ("flux", "schnell"): lambda: tiny_modules.flux(guidance=False),
    ("flux", "fill"): lambda: tiny_modules.flux(guidance=True, channels=384),
    ("flux", "kontext"): lambda: tiny_modules.flux(guidance=True),
    ("flux", "control"): lambda: tiny_modules.flux(guidance=True, channels=128),
}

_TOGETHER = [("sd2", "inpaint"), ("sdxl", "v")]
"""What is in them is in others, too: they are compared with their pipelines, and no more."""
KINDS = [kind for kind in _BUILD if kind not in _TOGETHER]
"""(family, variant) of every model that there is one of, but for those."""

PLAIN = [
    ("sd1", ""),
    ("sd2", "v"),
    ("sdxl", ""),
    ("sdxl_refiner", ""),
    ("sd3", "medium"),
    ("flux", ""),
    ("flux", "fill"),
]
"""One of each network."""


def model(family: str, variant: str = "", **settings: Any) -> DiffusionModel:
    """The tiny model of a family and variant, in float32 on the CPU."""
    what = FAMILIES[family]
    return DiffusionModel(
        family=what,
        variant=variant,
        module=_BUILD[family, variant]().requires_grad_(requires_grad=False),
        noise_model=what.noise(variant),
        latent_format=what.latent_format,
        device=torch.device("cpu"),
        dtype=torch.float32,
        **settings,
    )


@cache
def shared(family: str, variant: str = "") -> DiffusionModel:
    """The same tiny model each time: for tests that leave it as it is."""
    return model(family, variant)


def prompt(model: DiffusionModel, *, seed: int, tokens: int = 7, sides: tuple[int, int] = (8, 8)) -> Conditioning:
    """A made-up prompt with all that the model needs, for latents of these sides."""
    config, settings = model.module.config, dict[str, Any]()
    width = config.get("cross_attention_dim") or config["joint_attention_dim"]
    if pooled := _pooled_width(model):
        settings["pooled_output"] = random(1, pooled, seed=seed + 100)
    if model.variant in ("inpaint", "fill"):
        settings["concat_latent_image"] = latent(model, seed=seed, sides=sides)
        settings["concat_mask"] = hole(sides)
    if model.variant in ("instruct", "control"):
        settings["concat_latent_image"] = latent(model, seed=seed, sides=sides)
    if model.variant == "kontext":
        settings["reference_latents"] = [latent(model, seed=seed, sides=(6, 10))]
    return [[random(1, tokens, width, seed=seed), settings]]


def latent(model: DiffusionModel, *, seed: int, sides: tuple[int, int] = (8, 8), batch: int = 1) -> Tensor:
    """Latents as a VAE gives them."""
    return model.latent_format.from_model(random(batch, model.latent_format.channels, *sides, seed=seed))


def hole(sides: tuple[int, int]) -> Tensor:
    """A mask [1, 8 * h, 8 * w] with a hole of whole cells in it."""
    mask = torch.zeros(1, 8 * sides[0], 8 * sides[1])
    mask[:, 16:, 8:24] = 1.0
    return mask


def random(*shape: int, seed: int) -> Tensor:
    """Numbers of unit variance."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _pooled_width(model: DiffusionModel) -> int:
    config = model.module.config
    if told := config.get("projection_class_embeddings_input_dim"):
        return int(told) - (5 if model.family.id == "sdxl_refiner" else 6) * int(config["addition_time_embed_dim"])
    return int(config.get("pooled_projection_dim") or 0)
