"""Which folder files of a kind go into, and what each folder is for."""

from __future__ import annotations

_HOMES = {
    "checkpoint": ("checkpoints", "diffusers"),
    "denoiser": ("diffusion_models",),
    "text_encoder": ("text_encoders",),
    "vae": ("vae",),
    "lora": ("loras",),
    "controlnet": ("controlnet",),
    "t2i_adapter": ("controlnet",),
    "ip_adapter": ("ipadapter", "model_patches"),
    "style_model": ("style_models",),
    "clip_vision": ("clip_vision",),
    "embedding": ("embeddings",),
    "upscaler": ("upscale_models", "latent_upscale_models"),
    "vae_approx": ("vae_approx",),
    "gligen": ("gligen",),
    "photomaker": ("photomaker",),
    "audio_encoder": ("audio_encoders",),
    "model_patch": ("model_patches",),
    "hypernetwork": ("hypernetworks",),
}
"""Kind of file -> the folders that nodes look for it in, the usual one first."""
_HOLDS = {
    "checkpoints": "whole models in one file: denoiser, text encoder and VAE",
    "diffusion_models": "denoisers alone, as Flux and SD3.5 are often split",
    "text_encoders": "text encoders, such as clip_l and t5xxl",
    "vae": "VAEs, which turn latents into pictures",
    "diffusers": "model folders in diffusers layout",
    "loras": "LoRAs, which change a model a little",
    "embeddings": "embeddings: words that were learnt, for prompts",
}


def home_of(kind: str) -> str:
    """Returns the usual folder for files of a kind."""
    return _HOMES[kind][0]


def folder_of(kind: str, folder: str) -> str:
    """Returns the folder that files of a kind go into; '' where this one is fine, or any."""
    homes = _HOMES.get(kind, ())
    return "" if not homes or folder in homes or not folder else homes[0]


def place_of(folder: str) -> str:
    """Returns the folder as persons write it."""
    return f"models/{folder}"


def holds(folder: str) -> str:
    """Returns what a folder is for, as far as nodes read it; else ''."""
    return _HOLDS.get(folder, "")
