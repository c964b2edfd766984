"""Write the trained parts as a diffusers folder with float16 weights.

    python -m tools.picturebook.export scratch/picturebook models/picturebook

The mean and deviation of the raw latents go into the autoencoder's quant convolution, so that its latents have zero
mean and unit variance and the scaling factor is 1. README.md, the model card, is written by hand and stays.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from diffusers import StableDiffusionPipeline

from tools.picturebook import autoencoder, denoiser, tokenizer
from tools.picturebook.report import log

if TYPE_CHECKING:
    from diffusers import AutoencoderKL

PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")
LOG_VARIANCE = -14.0


@torch.no_grad()
def folded_autoencoder(folder: Path) -> AutoencoderKL:
    """Return the autoencoder with standardised latents and next to no variance around their mean."""
    model, statistics = autoencoder.load(folder)
    channels = autoencoder.LATENT_CHANNELS
    mean, deviation = statistics.mean.flatten(), statistics.deviation.flatten()
    quant = model.quant_conv
    quant.weight[:channels] /= deviation.view(-1, 1, 1, 1)
    quant.bias[:channels] = (quant.bias[:channels] - mean) / deviation
    quant.weight[channels:] = 0
    quant.bias[channels:] = LOG_VARIANCE
    return model


def export(source: Path, target: Path) -> None:
    """Replace the parts of the model in `target`."""
    painter = denoiser.load(source)
    pipeline = StableDiffusionPipeline(
        vae=folded_autoencoder(source),
        text_encoder=painter.text_encoder,
        tokenizer=tokenizer.build(),
        unet=painter.unet,
        scheduler=denoiser.build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    for part in PARTS:
        shutil.rmtree(target / part, ignore_errors=True)
    pipeline.to(torch.float16).save_pretrained(target)
    for file in sorted(target.rglob("*.safetensors")):
        log(f"{file.relative_to(target)}  {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    export(arguments.source, arguments.target)
