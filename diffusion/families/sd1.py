"""Stable Diffusion 1, with what was made from it, and small models built like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.families.family import Family, Licence, Native, TextPart, late
from diffusion.families.latent_format import LatentFormat
from diffusion.families.tensor_names import unet_traits
from diffusion.noise_models import NoiseModel, discrete_noise

if TYPE_CHECKING:
    from diffusion.families.family import Shapes


def _recognise(shapes: Shapes) -> str | None:
    traits = unet_traits(shapes)
    if traits is None or traits.linear or traits.adds_vector:
        return None
    return traits.inputs


def _noise(variant: str) -> NoiseModel:  # noqa: ARG001 - one signature for all families
    return discrete_noise("epsilon")


SD1 = Family(
    id="sd1",
    name="Stable Diffusion 1",
    recognise=_recognise,
    latent_format=LatentFormat(channels=4, downscale=8, scale=0.18215),
    noise=_noise,
    denoiser=late("diffusion.denoisers.unet:UNetDenoiser"),
    layout="diffusion.layouts.unet",
    text=(TextPart("clip_l", "cond_stage_model.transformer."),),
    native=Native(width=512, height=512, steps=20, cfg=7.0, least_side=384, most_side=768),
    licence=Licence(
        "CreativeML OpenRAIL-M",
        "https://huggingface.co/spaces/CompVis/stable-diffusion-license",
        "not for the uses that its attachment A names",
    ),
    variants={"inpaint": "Stable Diffusion 1 inpainting", "instruct": "InstructPix2Pix"},
    repeats_context=True,
)
