"""Every family against its diffusers pipeline: same weights, noise, prompts and noise levels, same latents.

The pipelines get no text encoders and, where they need something to encode a picture with, one that gives the latents
of the test. Flow pipelines take our noise levels; the others have a scheduler that makes the same ones.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import diffusers
import pytest
import torch

from diffusion.latents import empty
from diffusion.noise import initial_noise
from diffusion.sample import sample, sample_sigmas
from diffusion.schedules import sigmas_for
from tests.support import tiny_families

if TYPE_CHECKING:
    from diffusion.conditioning import Conditioning
    from diffusion.models import DiffusionModel

torch.set_num_threads(1)
diffusers.utils.logging.set_verbosity_error()

# Diffusers' schedulers, which only these tests use, convert tensors in a way that numpy 2 deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    pytest.mark.long,
]

STEPS, SEED, CFG, SIDES = 5, 11, 4.0, (8, 12)
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
PIXELS = {"height": SIDES[0] * 8, "width": SIDES[1] * 8}


class Encoder(torch.nn.Module):
    """In the place of a VAE: gives the same latents for every picture."""

    def __init__(self, model: DiffusionModel, latent: torch.Tensor) -> None:
        super().__init__()
        self.latent = latent
        self.dtype, self.device = torch.float32, torch.device("cpu")
        form = model.latent_format
        self.config = SimpleNamespace(
            scaling_factor=form.scale,
            shift_factor=form.shift,
            latent_channels=form.channels,
            block_out_channels=(8,) * 4,
            sample_size=64,
            force_upcast=False,
        )

    def encode(self, _pixels: torch.Tensor) -> Any:
        """The latents, whatever is asked of their distribution."""
        return SimpleNamespace(latent_dist=SimpleNamespace(sample=lambda *_, **_2: self.latent))


def both(model: DiffusionModel) -> tuple[Conditioning, Conditioning]:
    return (
        tiny_families.prompt(model, seed=1, sides=SIDES),
        tiny_families.prompt(model, seed=2, sides=SIDES),
    )


def embeds(positive: Conditioning, negative: Conditioning | None = None) -> dict[str, torch.Tensor]:
    """What pipelines call the parts of prompts."""
    found: dict[str, torch.Tensor] = {}
    for prefix, prompt in (("", positive), ("negative_", negative)):
        if prompt is not None:
            found[f"{prefix}prompt_embeds"] = prompt[0][0]
            if "pooled_output" in prompt[0][1]:
                found[f"{prefix}pooled_prompt_embeds"] = prompt[0][1]["pooled_output"]
    return found


def ours(
    model: DiffusionModel, positive: Conditioning, negative: Conditioning, cfg: float, scheduler: str
) -> torch.Tensor:
    """Our latents, in the model's scale."""
    painted = sample(
        model,
        positive,
        negative,
        empty(PIXELS["width"], PIXELS["height"]),
        seed=SEED,
        steps=STEPS,
        cfg=cfg,
        sampler_name="euler",
        scheduler=scheduler,
    )
    return model.latent_format.to_model(painted["samples"])


def noise_of(model: DiffusionModel) -> torch.Tensor:
    return initial_noise((1, model.latent_format.channels, *SIDES), SEED)


def quiet(pipe: Any) -> Any:
    pipe.set_progress_bar_config(disable=True)
    return pipe


def same(mine: torch.Tensor, theirs: torch.Tensor) -> bool:
    """Within 1e-4 of the latents' deviation."""
    assert mine.shape == theirs.shape
    return float((mine - theirs).abs().max()) <= 1e-4 * float(theirs.std())


# --- UNets


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


KINDS = [("sd1", ""), ("sd2", ""), ("sd2", "v"), ("sdxl", ""), ("sdxl", "v_zero_snr")]


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


@pytest.mark.parametrize("kind", [("sd1", "inpaint"), ("sdxl", "inpaint")], ids=" ".join)
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


# --- transformers


def flow_levels(model: DiffusionModel) -> list[float]:
    """Our noise levels, without the 0 at the end, which the pipeline adds."""
    return list(sigmas_for("simple", model.noise_model, STEPS)[:-1])


@pytest.mark.parametrize("variant", ["", "medium", "large"])
def test_sd3_paints_what_the_pipeline_paints(variant: str) -> None:
    model = tiny_families.model("sd3", variant)
    positive, negative = both(model)
    nothing = [f"{part}{number}" for part in ("text_encoder", "tokenizer") for number in ("", "_2", "_3")]
    pipe = quiet(
        diffusers.StableDiffusion3Pipeline(
            transformer=model.module,
            scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
            vae=None,
            **dict.fromkeys(nothing),
        )
    )
    theirs = pipe(
        **embeds(positive, negative),
        **PIXELS,
        sigmas=flow_levels(model),
        guidance_scale=CFG,
        latents=noise_of(model),
        output_type="latent",
    ).images
    assert same(ours(model, positive, negative, CFG, "simple"), theirs)


def test_the_levels_of_sd3_are_those_of_its_scheduler() -> None:
    model = tiny_families.model("sd3")
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0)
    assert scheduler.sigmas.flip(0).tolist() == pytest.approx(model.noise_model.sigmas.tolist(), abs=1e-6)


def flux_pipe(pipe_class: Any, model: DiffusionModel, vae: Any = None) -> Any:
    nothing = dict.fromkeys(["text_encoder", "tokenizer", "text_encoder_2", "tokenizer_2"])
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler()
    return quiet(pipe_class(transformer=model.module, scheduler=scheduler, vae=vae, **nothing))


def packed(latent: torch.Tensor) -> torch.Tensor:
    """As the pipelines pack latents."""
    packing: torch.Tensor = diffusers.FluxPipeline._pack_latents(latent, *latent.shape)
    return packing


@pytest.mark.parametrize("variant", ["", "schnell", "kontext", "control", "fill"])
def test_flux_paints_what_the_pipeline_paints(variant: str) -> None:
    model = tiny_families.model("flux", variant)
    positive, negative = both(model)
    settings = positive[0][1]
    settings["guidance"] = 2.5
    arguments: dict[str, Any] = {}
    pipe = flux_pipe(diffusers.FluxPipeline, model)
    if variant == "kontext":
        pipe = flux_pipe(diffusers.FluxKontextPipeline, model, Encoder(model, torch.zeros(1)))
        (reference,) = settings["reference_latents"]
        arguments = {"image": model.latent_format.to_model(reference), "max_area": math.prod(PIXELS.values())}
    elif variant == "control":
        pipe = flux_pipe(diffusers.FluxControlPipeline, model, Encoder(model, settings["concat_latent_image"]))
        arguments = {"control_image": torch.zeros(1, 3, *PIXELS.values())}
    elif variant == "fill":
        pipe = flux_pipe(diffusers.FluxFillPipeline, model, Encoder(model, settings["concat_latent_image"]))
        arguments = {
            "image": torch.zeros(1, 3, *PIXELS.values()),
            "mask_image": settings["concat_mask"][:, None],
        }
    theirs = pipe(
        **embeds(positive),
        **PIXELS,
        **arguments,
        sigmas=flow_levels(model),
        num_inference_steps=STEPS,
        guidance_scale=2.5,
        latents=packed(noise_of(model)),
        output_type="latent",
    ).images
    mine = ours(model, positive, negative, 1.0, "simple")
    assert same(packed(mine), theirs)


def test_levels_of_the_callers_own_are_taken() -> None:
    model = tiny_families.model("flux", "schnell")
    positive, negative = both(model)
    settings: dict[str, Any] = {"seed": SEED, "cfg": 1.0, "sampler_name": "euler"}
    latent = empty(PIXELS["width"], PIXELS["height"])
    mine = sample_sigmas(model, positive, negative, latent, sigmas=[1.0, 0.75, 0.5, 0.25, 0.0], **settings)["samples"]
    scheduled = sample(model, positive, negative, latent, steps=4, scheduler="simple", **settings)["samples"]
    assert torch.equal(mine, scheduled)
