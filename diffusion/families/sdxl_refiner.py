"""The refiner of Stable Diffusion XL: paints the last part of a run, and is told how pretty the picture is to be."""

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
    if traits is None or not traits.linear or not traits.adds_vector or traits.levels < 4:
        return None
    return "" if traits.inputs == "" else None


def _noise(variant: str) -> NoiseModel:  # noqa: ARG001 - one signature for all families
    return discrete_noise("epsilon")


SDXL_REFINER = Family(
    id="sdxl_refiner",
    name="Stable Diffusion XL refiner",
    recognise=_recognise,
    latent_format=LatentFormat(channels=4, downscale=8, scale=0.13025),
    noise=_noise,
    denoiser=late("diffusion.denoisers.sdxl:RefinerDenoiser"),
    layout="diffusion.layouts.unet",
    text=(TextPart("clip_g", "conditioner.embedders.0.model."),),
    native=Native(width=1024, height=1024, steps=25, cfg=6.0, least_side=768, most_side=1536),
    licence=Licence(
        "CreativeML OpenRAIL++-M",
        "https://huggingface.co/stabilityai/stable-diffusion-xl-refiner-1.0/blob/main/LICENSE.md",
        "not for the uses that its attachment A names",
    ),
    repeats_context=True,
)
