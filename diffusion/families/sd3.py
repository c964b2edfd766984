"""Stable Diffusion 3 and 3.5: a transformer in which picture and prompt attend to each other, trained on flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.families.family import Family, Licence, Native, TextPart, late
from diffusion.families.latent_format import LatentFormat
from diffusion.noise_models import FlowNoise, NoiseModel

if TYPE_CHECKING:
    from diffusion.families.family import Shapes

_SHIFT = 3.0


def _recognise(shapes: Shapes) -> str | None:
    """By the blocks of two streams, with a table of places that only this family has."""
    if "joint_blocks.0.x_block.attn.qkv.weight" in shapes and "pos_embed" in shapes:
        block, twice, normed = "joint_blocks.0.", "x_block.attn2.qkv.weight", "x_block.attn.ln_q.weight"
    elif "transformer_blocks.0.attn.add_q_proj.weight" in shapes and "pos_embed.pos_embed" in shapes:
        block, twice, normed = "transformer_blocks.0.", "attn2.to_q.weight", "attn.norm_q.weight"
    else:
        return None
    if block + twice in shapes:
        return "medium"
    return "large" if block + normed in shapes else ""


def _noise(variant: str) -> NoiseModel:  # noqa: ARG001 - one signature for all families
    return FlowNoise(_SHIFT)


SD3 = Family(
    id="sd3",
    name="Stable Diffusion 3",
    recognise=_recognise,
    latent_format=LatentFormat(channels=16, downscale=8, scale=1.5305, shift=0.0609),
    noise=_noise,
    denoiser=late("diffusion.denoisers.sd3:Sd3Denoiser"),
    layout="diffusion.layouts.sd3",
    text=(
        TextPart("clip_l", "text_encoders.clip_l.transformer."),
        TextPart("clip_g", "text_encoders.clip_g.transformer."),
        TextPart("t5xxl", "text_encoders.t5xxl.transformer."),
    ),
    native=Native(width=1024, height=1024, steps=28, cfg=4.5, least_side=512, most_side=1440, side_multiple=16),
    licence=Licence(
        "Stability AI Community License",
        "https://stability.ai/news/license-update",
        "commerce with a yearly revenue of more than 1M US$ needs another licence",
    ),
    variants={"medium": "Stable Diffusion 3.5 Medium", "large": "Stable Diffusion 3.5 Large"},
    latent_multiple=2,
)
