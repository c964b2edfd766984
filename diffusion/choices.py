"""The names a person chooses from, in the field's order. Free of torch, so that node definitions can list them."""

from __future__ import annotations

from diffusion.samplers import SAMPLERS
from diffusion.schedules import SCHEDULES

SAMPLER_NAMES: tuple[str, ...] = tuple(SAMPLERS)
SCHEDULER_NAMES: tuple[str, ...] = tuple(SCHEDULES)
LATENT_UPSCALE_METHODS: tuple[str, ...] = ("nearest-exact", "bilinear", "area", "bicubic", "bislerp")
CROPS: tuple[str, ...] = ("disabled", "center")
