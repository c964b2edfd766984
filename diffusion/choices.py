"""The names a person chooses from, in the field's order. Free of torch, so that node definitions can list them."""

from __future__ import annotations

from diffusion.samplers import SAMPLERS
from diffusion.schedules import SCHEDULES

SAMPLER_NAMES: tuple[str, ...] = tuple(SAMPLERS)
SCHEDULER_NAMES: tuple[str, ...] = tuple(SCHEDULES)
LATENT_UPSCALE_METHODS: tuple[str, ...] = ("nearest-exact", "bilinear", "area", "bicubic", "bislerp")
CROPS: tuple[str, ...] = ("disabled", "center")
TEXT_TYPES_OF_ONE: tuple[str, ...] = (
    "stable_diffusion", "stable_cascade", "sd3", "stable_audio", "mochi", "ltxv", "pixart", "cosmos", "lumina2", "wan",
    "hidream", "chroma", "ace", "omnigen2", "qwen_image", "hunyuan_image",
)  # fmt: skip
"""What a text encoder in one file may be for."""
TEXT_TYPES_OF_TWO: tuple[str, ...] = ("sdxl", "sd3", "flux", "hunyuan_video", "hidream", "hunyuan_image")
"""What text encoders in two files may be for."""
