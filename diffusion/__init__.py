"""Model code: from a model file and a prompt to a picture.

Knows torch, diffusers and transformers; knows no graph, no node and no server. The rooms are imported on first use
(PEP 562), so that `import diffusion` costs nothing and a node module may say `diffusion.vae.decode(...)` in a body
while its import stays free of torch. These rooms are free of torch even when used: choices, errors, noise_models,
prompt, samplers, schedules.

Values are those of the field:

- IMAGE: float32 tensor [batch, height, width, channels], 0..1
- MASK: float32 tensor [batch, height, width], 1 = to be changed
- LATENT: {"samples": float32 tensor [batch, channels, height, width], as the VAE gives them (unscaled),
  "noise_mask"?: mask, "batch_index"?: list of int, ...}; keys that nobody here knows are carried on
- CONDITIONING: list of [float32 tensor [1 or batch, tokens, width], dict]

Nothing here changes its inputs in place. Bad input raises `diffusion.errors.DiffusionError`, which says what to do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diffusion import (
        batches,
        choices,
        conditioning,
        custom_sampling,
        equation,
        errors,
        kontext_sizes,
        latents,
        loading,
        loras,
        masks,
        memory,
        model_sampling,
        models,
        noise,
        noise_models,
        picture_prompts,
        pixels,
        preview,
        prompt,
        sample,
        sample_path,
        samplers,
        schedules,
        text_encoding,
        text_models,
        text_types,
        tokenizers,
        training,
        vae,
    )

__all__ = [
    "batches",
    "choices",
    "conditioning",
    "custom_sampling",
    "equation",
    "errors",
    "kontext_sizes",
    "latents",
    "loading",
    "loras",
    "masks",
    "memory",
    "model_sampling",
    "models",
    "noise",
    "noise_models",
    "picture_prompts",
    "pixels",
    "preview",
    "prompt",
    "sample",
    "sample_path",
    "samplers",
    "schedules",
    "text_encoding",
    "text_models",
    "text_types",
    "tokenizers",
    "training",
    "vae",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'diffusion' has no room {name!r}; it has {', '.join(__all__)}")
    return import_module(f"diffusion.{name}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
