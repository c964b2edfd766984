"""Against the whole diffusers pipeline: same weights, same noise, same picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import diffusers
import pytest
import torch

from diffusion.conditioning import Conditioning
from diffusion.latents import empty
from diffusion.loading import load_checkpoint
from diffusion.models import Checkpoint, DiffusionModel
from diffusion.noise import initial_noise
from diffusion.sample import sample
from diffusion.schedules import sigmas_for
from diffusion.text_encoding import encode
from diffusion.vae import decode

if TYPE_CHECKING:
    from pathlib import Path

# Diffusers' schedulers, which only these tests use, convert tensors in a way that numpy 2 deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    pytest.mark.long,
]

STEPS, CFG, SEED, SIDE = 6, 7.0, 11, 64
PROMPT, NEGATIVE = "a red cat", "a dog"
KARRAS = {"use_karras_sigmas": True}

CASES = [
    pytest.param("euler", "karras", "EulerDiscreteScheduler", KARRAS, id="euler karras"),
    pytest.param("euler", "normal", "EulerDiscreteScheduler", {}, id="euler normal"),
    pytest.param("ddim", "exponential", "EulerDiscreteScheduler", {"use_exponential_sigmas": True}, id="exponential"),
    pytest.param("heun", "karras", "HeunDiscreteScheduler", KARRAS, id="heun karras"),
]


@pytest.fixture(scope="module", params=["epsilon", "v_prediction"])
def both(request: pytest.FixtureRequest, folder: Path, v_folder: Path) -> tuple[Checkpoint, Any]:
    """Our handles and a StableDiffusionPipeline over one folder."""
    path = folder if request.param == "epsilon" else v_folder
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(
        path, local_files_only=True, safety_checker=None, dtype=torch.float32, low_cpu_mem_usage=False
    )
    pipe.set_progress_bar_config(disable=True)
    pipe.their_config = pipe.scheduler.config
    return load_checkpoint(path, device="cpu"), pipe


def scheduler(pipe: Any, name: str, settings: dict[str, Any]) -> Any:
    return getattr(diffusers, name).from_config(pipe.their_config, **settings)


def prompts(checkpoint: Checkpoint) -> tuple[Conditioning, Conditioning]:
    return encode(checkpoint.clip, PROMPT), encode(checkpoint.clip, NEGATIVE)


def noise_for(model: DiffusionModel, pipe: Any, sigma: float, batch: int = 1) -> torch.Tensor:
    """Our initial noise, so that the pipeline, which scales by its scheduler's number, starts where we do."""
    noise = initial_noise((batch, model.latent_format.channels, SIDE // 8, SIDE // 8), SEED)
    return noise * (math.sqrt(1 + sigma**2) / float(pipe.scheduler.init_noise_sigma))


@pytest.mark.parametrize(("sampler", "schedule", "theirs", "settings"), CASES)
def test_same_weights_and_noise_give_the_picture_of_the_pipeline(
    both: tuple[Checkpoint, Any], sampler: str, schedule: str, theirs: str, settings: dict[str, Any]
) -> None:
    checkpoint, pipe = both
    model = checkpoint.model
    pipe.scheduler = scheduler(pipe, theirs, settings)
    pipe.scheduler.set_timesteps(STEPS)
    sigmas = sigmas_for(schedule, model.noise_model, STEPS)
    arguments = {
        "prompt": PROMPT,
        "negative_prompt": NEGATIVE,
        "num_inference_steps": STEPS,
        "guidance_scale": CFG,
        "latents": noise_for(model, pipe, sigmas[0]),
    }
    their_latent = pipe(**arguments, output_type="latent").images
    their_picture = pipe(**arguments, output_type="pt").images.movedim(1, -1)

    positive, negative = prompts(checkpoint)
    ours = sample(
        model,
        positive,
        negative,
        empty(SIDE, SIDE),
        seed=SEED,
        steps=STEPS,
        cfg=CFG,
        sampler_name=sampler,
        scheduler=schedule,
    )["samples"]

    scaled = model.latent_format.to_model(ours)
    difference = (scaled - their_latent).abs().max() / max(1.0, float(their_latent.std()))
    picture = (decode(checkpoint.vae, ours) - their_picture).abs().max()
    assert difference < 1e-4
    assert picture < 1e-4


def test_image_to_image_is_the_tail_of_a_longer_run_as_in_the_pipeline(both: tuple[Checkpoint, Any]) -> None:
    checkpoint, pipe = both
    model = checkpoint.model
    image = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(3))  # in the model's scale
    theirs = diffusers.StableDiffusionImg2ImgPipeline(
        **{**pipe.components, "scheduler": scheduler(pipe, "EulerDiscreteScheduler", {})},
        requires_safety_checker=False,
    )
    theirs.set_progress_bar_config(disable=True)
    their_latent = theirs(
        prompt=PROMPT,
        negative_prompt=NEGATIVE,
        image=image,
        strength=0.5,
        num_inference_steps=2 * STEPS,
        guidance_scale=CFG,
        generator=torch.Generator().manual_seed(SEED),
        output_type="latent",
    ).images

    positive, negative = prompts(checkpoint)
    ours = sample(
        model,
        positive,
        negative,
        {"samples": model.latent_format.from_model(image)},
        seed=SEED,
        steps=STEPS,
        cfg=CFG,
        sampler_name="euler",
        scheduler="normal",
        denoise=0.5,
    )["samples"]

    difference = (model.latent_format.to_model(ours) - their_latent).abs().max()
    assert difference / max(1.0, float(their_latent.std())) < 1e-4


def test_text_embeddings_are_those_of_the_pipeline(both: tuple[Checkpoint, Any]) -> None:
    checkpoint, pipe = both
    theirs, _ = pipe.encode_prompt(PROMPT, "cpu", 1, do_classifier_free_guidance=False)
    assert torch.equal(encode(checkpoint.clip, PROMPT)[0][0], theirs)
