"""Flux.1: a transformer with blocks of two streams and of one, trained on flow; its guidance is told to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.families.family import Family, Licence, Native, TextPart, late
from diffusion.families.latent_format import LatentFormat
from diffusion.noise_models import FlowNoise, NoiseModel

if TYPE_CHECKING:
    from diffusion.families.family import Shapes

LOG_SHIFT = 1.15
"""That of the largest picture, which the field's nodes take until they are told a size."""

_MASK_CHANNELS = 256  # a mask of 8 x 8 pixels a cell, of 2 x 2 cells

# Marks of other families that share its blocks.
_OTHERS = (
    "double_stream_modulation_img.lin.weight",
    "distilled_guidance_layer.in_proj.bias",
    "txt_in.individual_token_refiner.blocks.0.norm1.weight",
)


def _recognise(shapes: Shapes) -> str | None:
    """By the normed keys of its double blocks and the vector of its prompt; the rest by what goes in."""
    if "double_blocks.0.img_attn.qkv.weight" in shapes and "vector_in.in_layer.weight" in shapes:
        entrance, exit_, guided = "img_in.weight", "final_layer.linear.weight", "guidance_in.in_layer.weight"
    elif "single_transformer_blocks.0.proj_mlp.weight" in shapes and _PROMPT_VECTOR in shapes:
        entrance, exit_, guided = "x_embedder.weight", "proj_out.weight", _GUIDANCE_VECTOR
    else:
        return None
    if entrance not in shapes or exit_ not in shapes or any(name in shapes for name in _OTHERS):
        return None
    inside, out = shapes[entrance][1], shapes[exit_][0]
    kinds = {0: "" if guided in shapes else "schnell", out: "control", out + _MASK_CHANNELS: "fill"}
    return kinds.get(inside - out)


_PROMPT_VECTOR = "time_text_embed.text_embedder.linear_1.weight"
_GUIDANCE_VECTOR = "time_text_embed.guidance_embedder.linear_1.weight"


def _noise(variant: str) -> NoiseModel:
    return FlowNoise(1.0) if variant == "schnell" else FlowNoise.of_log_shift(LOG_SHIFT)


_NATIVE = Native(width=1024, height=1024, steps=20, cfg=1.0, least_side=256, most_side=2048, side_multiple=16)

FLUX = Family(
    id="flux",
    name="Flux.1",
    recognise=_recognise,
    latent_format=LatentFormat(channels=16, downscale=8, scale=0.3611, shift=0.1159),
    noise=_noise,
    denoiser=late("diffusion.denoisers.flux:FluxDenoiser"),
    layout="diffusion.layouts.flux",
    text=(
        TextPart("clip_l", "text_encoders.clip_l.transformer."),
        TextPart("t5xxl", "text_encoders.t5xxl.transformer."),
    ),
    native=_NATIVE,
    licence=Licence(
        "FLUX.1 [dev] Non-Commercial License",
        "https://huggingface.co/black-forest-labs/FLUX.1-dev/blob/main/LICENSE.md",
        "not for commerce; the pictures may be used",
    ),
    variants={
        "schnell": "Flux.1 schnell",
        "fill": "Flux.1 Fill",
        "kontext": "Flux.1 Kontext",
        "control": "Flux.1 Canny or Depth",
    },
    variant_natives={
        "schnell": Native(width=1024, height=1024, steps=4, cfg=1.0, least_side=256, most_side=2048, side_multiple=16)
    },
    variant_licences={"schnell": Licence("Apache 2.0", "https://replicate.com/black-forest-labs/flux-schnell")},
    latent_multiple=2,
)
