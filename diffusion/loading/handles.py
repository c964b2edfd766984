"""What loaded modules say of themselves, and the handles that are made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diffusion.families.latent_format import LatentFormat
from diffusion.models import Vae

if TYPE_CHECKING:
    import torch

    from diffusion.families.family import Family
    from diffusion.text_models import TextEncoder


def vae_handle(module: Any, device: torch.device, dtype: torch.dtype, scale: LatentFormat | None = None) -> Vae:
    """The handle on an autoencoder; its latents are scaled as `scale` says, or as its own settings say."""
    config = module.config
    stages = config.get("block_out_channels") or config["encoder_block_out_channels"]
    latent_format = LatentFormat(
        channels=int(config["latent_channels"]),
        downscale=2 ** (len(stages) - 1),
        scale=scale.scale if scale else float(config.get("scaling_factor") or 1.0),
        shift=scale.shift if scale else float(config.get("shift_factor") or 0.0),
    )
    return Vae(module, latent_format, device, dtype)


def latent_channels(module: Any) -> int:
    """How many channels the latents have that a denoiser paints."""
    config = module.config
    packed = 4 if module.__class__.__name__ == "FluxTransformer2DModel" else 1
    return int(config.get("out_channels") or config["in_channels"]) // packed


def context_width(module: Any) -> int:
    """The width of the embeddings that a denoiser reads."""
    config = module.config
    return int(config["cross_attention_dim"] if "cross_attention_dim" in config else config["joint_attention_dim"])


def text_width(clip: TextEncoder, family: Family) -> int | None:
    """The width of the embeddings that text encoders give: of CLIPs side by side, of a T5 its own; None where the T5
    that tells it was left out."""
    wanted = [part.role for part in family.text]
    widths = {
        role: int(getattr(part.module.config, "d_model", 0) or part.module.config.hidden_size)
        for role, part in clip.parts.items()
    }
    if "t5xxl" in wanted:
        return widths.get("t5xxl")
    return sum(widths.values())
