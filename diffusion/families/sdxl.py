"""Stable Diffusion XL, with what was made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.families.family import Family, Licence, Native, TextPart, late
from diffusion.families.latent_format import LatentFormat
from diffusion.families.tensor_names import unet_traits
from diffusion.noise_models import NoiseModel, discrete_noise

if TYPE_CHECKING:
    from diffusion.families.family import Shapes

# Tensors without a use of their own that say what a model was trained to predict: v, and from nothing but noise.
_SAYS_V, _SAYS_ZERO_SNR = "v_pred", "ztsnr"
# Marks of other noise models on the same UNet (Playground 2.5, CosXL).
_EDM = ("edm_mean", "edm_std", "edm_vpred.sigma_max")


def _recognise(shapes: Shapes) -> str | None:
    traits = unet_traits(shapes)
    if traits is None or not traits.linear or not traits.adds_vector or traits.levels > 3:
        return None
    if any(name in shapes for name in _EDM):
        return None
    if traits.inputs == "" and _SAYS_V in shapes:
        return "v_zero_snr" if _SAYS_ZERO_SNR in shapes else "v"
    return traits.inputs


def _noise(variant: str) -> NoiseModel:
    prediction = "v_prediction" if variant in ("v", "v_zero_snr") else "epsilon"
    return discrete_noise(prediction, zero_terminal_snr=variant == "v_zero_snr")


SDXL = Family(
    id="sdxl",
    name="Stable Diffusion XL",
    recognise=_recognise,
    latent_format=LatentFormat(channels=4, downscale=8, scale=0.13025),
    noise=_noise,
    denoiser=late("diffusion.denoisers.sdxl:SdxlDenoiser"),
    layout="diffusion.layouts.unet",
    text=(
        TextPart("clip_l", "conditioner.embedders.0.transformer."),
        TextPart("clip_g", "conditioner.embedders.1.model."),
    ),
    native=Native(width=1024, height=1024, steps=25, cfg=6.0, least_side=768, most_side=1536),
    licence=Licence(
        "CreativeML OpenRAIL++-M",
        "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
        "not for the uses that its attachment A names; what was made from it may have terms of its own",
    ),
    variants={
        "v": "Stable Diffusion XL, predicts v",
        "v_zero_snr": "Stable Diffusion XL, predicts v from nothing but noise",
        "inpaint": "Stable Diffusion XL inpainting",
        "instruct": "Stable Diffusion XL, edits by instruction",
    },
    repeats_context=True,
)
