"""From a prompt in words and a file of the field to a picture: what the diffusers pipeline gives over the same weights.

Each family is written as one file, loaded, and asked through its text encoders, as a person does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import diffusers
import pytest
import torch

from diffusion.conditioning import set_values
from diffusion.latents import empty
from diffusion.loading import load_checkpoint
from diffusion.sample import sample
from diffusion.schedules import sigmas_for
from diffusion.text_encoding import encode
from diffusion.vae import decode
from tests.support import tiny_files
from tests.support.pipelines import CFG, PIXELS, SEED, STEPS, noise_of, quiet, same

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from diffusion.models import Checkpoint, DiffusionModel

torch.set_num_threads(1)
diffusers.utils.logging.set_verbosity_error()

# Diffusers' schedulers, which only these tests use, convert tensors in a way that numpy 2 deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    pytest.mark.long,
]

PROMPT, NEGATIVE = "a red cat, sitting in the snow", "a dog"


def paint(checkpoint: Checkpoint, scheduler: str, cfg: float) -> tuple[Tensor, Tensor]:
    """The latent in the model's scale, and the picture [B, H, W, 3]."""
    model, clip, vae = checkpoint
    positive, negative = (set_values(encode(clip, text), {"guidance": 2.5}) for text in (PROMPT, NEGATIVE))
    settings = {"seed": SEED, "steps": STEPS, "sampler_name": "euler", "scheduler": scheduler, "cfg": cfg}
    samples = sample(model, positive, negative, empty(**PIXELS), **settings)["samples"]
    return model.latent_format.to_model(samples), decode(vae, samples)


def run(pipe: Any, **settings: Any) -> tuple[Tensor, Tensor]:
    """The pipeline's latent, and its picture [B, H, W, 3]."""
    given = {"prompt": PROMPT, **PIXELS, **settings}
    return pipe(**given, output_type="latent").images, pipe(**given, output_type="pt").images.movedim(1, -1)


def loaded(tmp_path: Path, painter: tiny_files.Painter) -> Checkpoint:
    return load_checkpoint(tiny_files.all_in_one(tmp_path / "model.safetensors", painter), device="cpu")


def levels(model: DiffusionModel) -> list[float]:
    """Our noise levels, without the 0 at the end, which the pipeline adds."""
    return list(sigmas_for("simple", model.noise_model, STEPS)[:-1])


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_a_file_with_a_unet_paints_what_the_pipeline_paints(family: str, tmp_path: Path) -> None:
    painter = tiny_files.painter(family)
    checkpoint, pipe = loaded(tmp_path, painter), quiet(tiny_files.pipeline(painter))
    top = sigmas_for("normal", checkpoint.model.noise_model, STEPS)[0]
    pipe.scheduler.set_timesteps(STEPS)
    # The pipeline scales its start by the scheduler's number.
    latents = noise_of(checkpoint.model) * (math.sqrt(1 + top**2) / float(pipe.scheduler.init_noise_sigma))
    theirs = run(pipe, negative_prompt=NEGATIVE, num_inference_steps=STEPS, guidance_scale=CFG, latents=latents)
    mine = paint(checkpoint, "normal", CFG)
    assert same(mine[0], theirs[0])
    assert float((mine[1] - theirs[1]).abs().max()) < 1e-4


def test_a_file_of_sd3_paints_what_the_pipeline_paints(tmp_path: Path) -> None:
    painter = tiny_files.painter("sd3")
    checkpoint, pipe = loaded(tmp_path, painter), quiet(tiny_files.pipeline(painter))
    pipe.scheduler = diffusers.FlowMatchEulerDiscreteScheduler()  # the levels that it is given are shifted already
    theirs = run(
        pipe,
        negative_prompt=NEGATIVE,
        sigmas=levels(checkpoint.model),
        guidance_scale=CFG,
        latents=noise_of(checkpoint.model),
        max_sequence_length=77,
    )
    mine = paint(checkpoint, "simple", CFG)
    assert same(mine[0], theirs[0])
    assert float((mine[1] - theirs[1]).abs().max()) < 1e-4


def test_a_file_of_flux_paints_what_the_pipeline_paints(tmp_path: Path) -> None:
    painter = tiny_files.painter("flux", guidance=True)
    checkpoint, pipe = loaded(tmp_path, painter), quiet(tiny_files.pipeline(painter))
    pipe.scheduler = diffusers.FlowMatchEulerDiscreteScheduler()
    noise = noise_of(checkpoint.model)
    theirs = run(
        pipe,
        sigmas=levels(checkpoint.model),
        num_inference_steps=STEPS,
        guidance_scale=2.5,
        latents=diffusers.FluxPipeline._pack_latents(noise, *noise.shape),
        max_sequence_length=256,
    )
    latent, picture = paint(checkpoint, "simple", 1.0)
    assert same(diffusers.FluxPipeline._pack_latents(latent, *latent.shape), theirs[0])
    assert float((picture - theirs[1]).abs().max()) < 1e-4
