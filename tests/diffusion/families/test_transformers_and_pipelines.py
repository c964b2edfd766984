"""The families with transformers against their diffusers pipelines, which take our noise levels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import diffusers
import pytest
import torch

from diffusion.latents import empty
from diffusion.sample import sample, sample_sigmas
from diffusion.schedules import sigmas_for
from tests.support import tiny_families
from tests.support.pipelines import CFG, PIXELS, SEED, STEPS, Encoder, both, embeds, noise_of, ours, quiet, same

if TYPE_CHECKING:
    from diffusion.models import DiffusionModel

torch.set_num_threads(1)
diffusers.utils.logging.set_verbosity_error()

# Diffusers' schedulers, which only these tests use, convert tensors in a way that numpy 2 deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    pytest.mark.long,
]


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
