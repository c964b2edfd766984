"""The families with UNets against their diffusers pipelines, whose scheduler makes our noise levels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import diffusers
import pytest
import torch

from diffusion.sample import sample
from diffusion.schedules import sigmas_for
from tests.support import tiny_families
from tests.support.pipelines import CFG, PIXELS, SEED, SIDES, STEPS, Encoder, both, embeds, noise_of, ours, quiet, same

if TYPE_CHECKING:
    from diffusion.models import DiffusionModel

torch.set_num_threads(1)
diffusers.utils.logging.set_verbosity_error()

# Diffusers' schedulers, which only these tests use, convert tensors in a way that numpy 2 deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    pytest.mark.long,
]

BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}


def parts(model: DiffusionModel, **more: Any) -> dict[str, Any]:
    """A pipeline's parts: the UNet, a scheduler that makes our levels, and nothing for text."""
    prediction = model.noise_model.prediction  # type: ignore[attr-defined]
    zero = model.variant == "v_zero_snr"
    scheduler = diffusers.EulerDiscreteScheduler(prediction_type=prediction, rescale_betas_zero_snr=zero, **BETAS)
    names = ["vae", "text_encoder", "tokenizer", "safety_checker", "feature_extractor"]
    large = ["vae", "text_encoder", "tokenizer", "text_encoder_2", "tokenizer_2"]
    nothing = dict.fromkeys(large if model.family.id.startswith("sdxl") else names)
    small = {} if model.family.id.startswith("sdxl") else {"requires_safety_checker": False}
    return {**nothing, **small, "unet": model.module, "scheduler": scheduler, **more}


def start_noise(model: DiffusionModel, pipe: Any) -> torch.Tensor:
    """Our noise, so that the pipeline, which scales by its scheduler's number, starts where we do."""
    top = sigmas_for("normal", model.noise_model, STEPS)[0]
    pipe.scheduler.set_timesteps(STEPS)
    return noise_of(model) * (math.sqrt(1 + top**2) / float(pipe.scheduler.init_noise_sigma))


KINDS = [("sd1", ""), ("sd2", ""), ("sd2", "v"), ("sdxl", ""), ("sdxl", "v"), ("sdxl", "v_zero_snr")]


@pytest.mark.parametrize("kind", KINDS, ids=" ".join)
def test_unets_paint_what_the_pipeline_paints(kind: tuple[str, str]) -> None:
    model = tiny_families.model(*kind)
    positive, negative = both(model)
    large = kind[0] == "sdxl"
    pipe_class = diffusers.StableDiffusionXLPipeline if large else diffusers.StableDiffusionPipeline
    pipe = quiet(pipe_class(**parts(model)))
    theirs = pipe(
        **embeds(positive, negative),
        **PIXELS,
        num_inference_steps=STEPS,
        guidance_scale=CFG,
        latents=start_noise(model, pipe),
        output_type="latent",
    ).images
    assert same(ours(model, positive, negative, CFG, "normal"), theirs)


def test_the_numbers_of_a_prompt_of_sdxl_are_those_of_the_pipeline() -> None:
    model = tiny_families.model("sdxl")
    positive, negative = both(model)
    numbers = {"width": 70, "height": 90, "crop_w": 3, "crop_h": 5, "target_width": 60, "target_height": 40}
    for prompt in (positive, negative):
        prompt[0][1].update(numbers)
    pipe = quiet(diffusers.StableDiffusionXLPipeline(**parts(model)))
    names = {"original_size": (90, 70), "crops_coords_top_left": (5, 3), "target_size": (40, 60)}
    theirs = pipe(
        **embeds(positive, negative),
        **PIXELS,
        **names,
        **{f"negative_{name}": value for name, value in names.items()},
        num_inference_steps=STEPS,
        guidance_scale=CFG,
        latents=start_noise(model, pipe),
        output_type="latent",
    ).images
    assert same(ours(model, positive, negative, CFG, "normal"), theirs)


@pytest.mark.parametrize("kind", [("sd1", "inpaint"), ("sd2", "inpaint"), ("sdxl", "inpaint")], ids=" ".join)
def test_inpainting_unets_paint_what_the_pipeline_paints(kind: tuple[str, str]) -> None:
    model = tiny_families.model(*kind)
    positive, negative = both(model)
    negative[0][1]["concat_latent_image"] = positive[0][1]["concat_latent_image"]
    kept = positive[0][1]["concat_latent_image"]
    large = kind[0] == "sdxl"
    pipe_class = diffusers.StableDiffusionXLInpaintPipeline if large else diffusers.StableDiffusionInpaintPipeline
    pipe = quiet(pipe_class(**parts(model, vae=Encoder(model, kept))))
    theirs = pipe(
        **embeds(positive, negative),
        **PIXELS,
        image=torch.zeros(1, 3, *PIXELS.values()),
        mask_image=positive[0][1]["concat_mask"][:, None],
        strength=1.0,
        num_inference_steps=STEPS,
        guidance_scale=CFG,
        latents=start_noise(model, pipe),
        output_type="latent",
    ).images
    assert same(ours(model, positive, negative, CFG, "normal"), theirs)


def test_a_unet_that_edits_by_instruction_paints_what_the_pipeline_paints() -> None:
    model = tiny_families.model("sd1", "instruct")
    positive, negative = both(model)
    negative[0][1].update(positive[0][1])
    pipe = quiet(diffusers.StableDiffusionInstructPix2PixPipeline(**parts(model, vae=Encoder(model, torch.zeros(1)))))
    theirs = pipe(
        **embeds(positive, negative),
        image=positive[0][1]["concat_latent_image"],
        num_inference_steps=STEPS,
        guidance_scale=CFG,
        image_guidance_scale=1.0,
        latents=start_noise(model, pipe),
        output_type="latent",
    ).images
    assert same(ours(model, positive, negative, CFG, "normal"), theirs)


def test_the_refiner_refines_what_the_pipeline_refines() -> None:
    model = tiny_families.model("sdxl_refiner")
    positive, negative = both(model)
    image = tiny_families.random(1, 4, *SIDES, seed=3)
    scores = (6.5, 2.0)
    for prompt, score in zip((positive, negative), scores, strict=True):
        prompt[0][1]["aesthetic_score"] = score
    pipe = quiet(
        diffusers.StableDiffusionXLImg2ImgPipeline(
            **parts(model, vae=Encoder(model, image)), requires_aesthetics_score=True
        )
    )
    theirs = pipe(
        **embeds(positive, negative),
        image=image,
        original_size=tuple(PIXELS.values()),
        target_size=tuple(PIXELS.values()),
        aesthetic_score=scores[0],
        negative_aesthetic_score=scores[1],
        strength=0.5,
        num_inference_steps=2 * STEPS,
        guidance_scale=CFG,
        generator=torch.Generator().manual_seed(SEED),
        output_type="latent",
    ).images
    mine = sample(
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
    assert same(model.latent_format.to_model(mine), theirs)


def test_without_a_score_the_refiner_is_led_to_pretty_pictures_and_away_from_others() -> None:
    model = tiny_families.model("sdxl_refiner")
    positive, negative = both(model)
    unsaid = ours(model, positive, negative, CFG, "normal")
    for prompt, score in ((positive, 6.0), (negative, 2.5)):
        prompt[0][1]["aesthetic_score"] = score
    assert torch.equal(ours(model, positive, negative, CFG, "normal"), unsaid)
