"""Stable Diffusion 2 and 2.1: built like the first, with another text encoder; the large ones predict v."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.families.family import Family, Licence, Native, TextPart, late
from diffusion.families.latent_format import LatentFormat
from diffusion.families.tensor_names import unet_traits
from diffusion.noise_models import NoiseModel, discrete_noise

if TYPE_CHECKING:
    from diffusion.families.family import Shapes


def _recognise(shapes: Shapes) -> str | None:
    """Whether it predicts v is not to be seen in shapes."""
    traits = unet_traits(shapes)
    if traits is None or not traits.linear or traits.adds_vector:
        return None
    return traits.inputs


def _noise(variant: str) -> NoiseModel:
    return discrete_noise("v_prediction" if variant == "v" else "epsilon")


SD2 = Family(
    id="sd2",
    name="Stable Diffusion 2",
    recognise=_recognise,
    latent_format=LatentFormat(channels=4, downscale=8, scale=0.18215),
    noise=_noise,
    denoiser=late("diffusion.denoisers.unet:UNetDenoiser"),
    layout="diffusion.layouts.unet",
    text=(TextPart("clip_h", "cond_stage_model.model."),),
    native=Native(width=512, height=512, steps=20, cfg=7.0, least_side=384, most_side=768),
    licence=Licence(
        "CreativeML OpenRAIL++-M",
        "https://huggingface.co/stabilityai/stable-diffusion-2/blob/main/LICENSE-MODEL",
        "not for the uses that its attachment A names",
    ),
    variants={
        "v": "Stable Diffusion 2, predicts v",
        "inpaint": "Stable Diffusion 2 inpainting",
        "instruct": "Stable Diffusion 2, edits by instruction",
    },
    variant_natives={"v": Native(width=768, height=768, steps=20, cfg=7.0, least_side=512, most_side=1024)},
    repeats_context=True,
)
