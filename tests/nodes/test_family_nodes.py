"""The nodes for families: what they tell the models, on tiny models with random weights."""

from dataclasses import replace

import pytest
import torch

from diffusion.errors import DiffusionError
from diffusion.models import Vae
from diffusion.text_models import make_text_encoder
from nodes.conditioning import combine, flux_guidance, set_range, zero_out
from nodes.custom_sampling import (
    choose,
    guide,
    guide_apart,
    no_noise,
    noise,
    sample_custom,
    sample_parts,
)
from nodes.family_prompts import encode_flux, encode_refiner, encode_sd3, encode_sdxl
from nodes.image_size import scale_for_kontext
from nodes.latent import empty_latent, empty_latent_of_16_channels
from nodes.model_sampling import continuous, discrete, shifted, shifted_for_size, shifted_less
from nodes.noise_levels import schedule, schedule_turbo, split
from nodes.picture_prompts import prepare_editing, prepare_inpainting, refer
from nodes.sampling import sample, sample_part
from tests.support import tiny_families, tiny_models, tiny_text_models

pytestmark = pytest.mark.network

PICTURE = torch.rand((1, 64, 64, 3), generator=torch.Generator().manual_seed(2))
HOLE = torch.zeros(1, 64, 64)
HOLE[:, 16:, 8:24] = 1.0


@pytest.fixture
def said():
    return []


@pytest.fixture
def ctx(ctx, said):
    return replace(ctx, report_warning=said.append)


@pytest.fixture(scope="module")
def clips():
    roles = {"sdxl": ("clip_l", "clip_g"), "sdxl_refiner": ("clip_g",), "sd3": ("clip_l", "clip_g", "t5xxl")}
    roles["flux"] = ("clip_l", "t5xxl")
    return {style: make_text_encoder(style, tiny_text_models.stack(style, *names)) for style, names in roles.items()}


def vae(family):
    model = tiny_families.model(family)
    module = tiny_models.vae(channels=model.latent_format.channels)
    return Vae(module, model.latent_format, torch.device("cpu"), torch.float32)


def test_a_prompt_for_sdxl_carries_the_sizes_and_a_text_for_each_encoder(ctx, clips):
    sizes = {"width": 640, "height": 512, "crop_w": 8, "crop_h": 16, "target_width": 1024, "target_height": 768}
    ((embeds, settings),) = encode_sdxl(clip=clips["sdxl"], text_g="a cat", text_l="a dog", **sizes, ctx=ctx)
    assert {name: settings[name] for name in sizes} == sizes
    ((same, _),) = encode_sdxl(clip=clips["sdxl"], text_g="a cat", text_l="a cat", ctx=ctx)
    assert torch.equal(embeds[..., 32:], same[..., 32:])
    assert not torch.equal(embeds[..., :32], same[..., :32])


def test_a_prompt_for_the_refiner_carries_how_pretty_it_is_to_be(ctx, clips):
    ((_, settings),) = encode_refiner(clip=clips["sdxl_refiner"], text="a cat", ascore=2.5, width=640, ctx=ctx)
    assert settings["aesthetic_score"] == 2.5
    assert (settings["width"], settings["height"]) == (640, 1024)


def test_a_prompt_for_flux_carries_guidance_and_reads_two_texts(ctx, clips):
    ((embeds, settings),) = encode_flux(clip=clips["flux"], clip_l="a cat", t5xxl="a dog", guidance=2.0, ctx=ctx)
    assert settings["guidance"] == 2.0
    ((other, told),) = encode_flux(clip=clips["flux"], clip_l="a dog", t5xxl="a dog", ctx=ctx)
    assert torch.equal(embeds, other)
    assert not torch.equal(settings["pooled_output"], told["pooled_output"])
    ((_, changed),) = flux_guidance(conditioning=[[embeds, settings]], guidance=4.0)
    assert (changed["guidance"], settings["guidance"]) == (4.0, 2.0)


def test_an_empty_text_for_sd3_switches_its_encoder_off_or_is_read(ctx, clips):
    ((off, _),) = encode_sd3(clip=clips["sd3"], clip_l="a cat", clip_g="a cat", ctx=ctx)
    ((read, _),) = encode_sd3(clip=clips["sd3"], clip_l="a cat", clip_g="a cat", empty_padding="empty_prompt", ctx=ctx)
    assert not off[:, 77:].any()
    assert read[:, 77:].any()
    assert torch.equal(off[:, :77], read[:, :77])


def test_a_canvas_of_16_channels_is_as_large_as_it_is_asked_for():
    assert empty_latent_of_16_channels()["samples"].shape == (1, 16, 128, 128)
    assert empty_latent_of_16_channels(width=512, height=256, batch_size=2)["samples"].shape == (2, 16, 32, 64)


def test_pictures_for_kontext_get_one_of_its_sizes():
    assert scale_for_kontext(image=PICTURE).shape == (1, 1024, 1024, 3)


def test_models_count_noise_as_the_nodes_say(ctx, said):
    unet, flux = tiny_families.model("sdxl"), tiny_families.model("flux")
    assert discrete(model=unet, sampling="v_prediction", ctx=ctx).noise_model.prediction == "v_prediction"
    assert continuous(model=unet, ctx=ctx).noise_model.sigma_max == pytest.approx(120)
    assert shifted(model=flux).noise_model.sigma(500) == pytest.approx(0.75)
    assert shifted_less(model=flux).noise_model.sigma(500) == pytest.approx(1.73 / 2.73)
    small, large = (shifted_for_size(model=flux, width=side, height=side) for side in (512, 1024))
    assert small.noise_model.sigma(500) < large.noise_model.sigma(500)
    assert said == []
    discrete(model=flux, ctx=ctx)
    continuous(model=flux, ctx=ctx)
    assert len(said) == 2
    assert all("trained on flow" in text for text in said)


def test_inpainting_and_editing_hand_on_what_the_sampler_takes(ctx, said):
    for family, variant in (("sd1", "inpaint"), ("flux", "fill")):
        model = tiny_families.model(family, variant)
        prompt = [[tiny_families.prompt(model, seed=1)[0][0], tiny_families.prompt(model, seed=1)[0][1]]]
        ready = prepare_inpainting(
            positive=prompt, negative=prompt, vae=vae(family), pixels=PICTURE, mask=HOLE, ctx=ctx
        )
        done = sample(
            model=model, steps=2, cfg=1.0, positive=ready.positive, negative=ready.negative,
            latent_image=ready.latent, ctx=ctx,
        )  # fmt: skip
        assert done["samples"].shape == ready.latent["samples"].shape
        said.clear()
    model = tiny_families.model("sd1", "instruct")
    prompt = tiny_families.prompt(model, seed=1)
    ready = prepare_editing(positive=prompt, negative=prompt, vae=vae("sd1"), pixels=PICTURE, ctx=ctx)
    done = sample(
        model=model, steps=2, positive=ready.positive, negative=ready.negative, latent_image=ready.latent, ctx=ctx
    )
    assert torch.isfinite(done["samples"]).all()


def test_an_empty_mask_for_inpainting_is_said(ctx, said):
    model = tiny_families.model("sd1", "inpaint")
    prompt = tiny_families.prompt(model, seed=1)
    prepare_inpainting(
        positive=prompt, negative=prompt, vae=vae("sd1"), pixels=PICTURE, mask=torch.zeros(1, 64, 64), ctx=ctx
    )
    assert ["the mask is empty" in text for text in said] == [True]


def test_a_prompt_refers_to_the_pictures_that_it_is_given():
    prompt = tiny_families.prompt(tiny_families.model("flux"), seed=1)
    assert refer(conditioning=prompt) is prompt
    latent = {"samples": torch.rand(1, 16, 8, 8)}
    ((_, settings),) = refer(conditioning=refer(conditioning=prompt, latent=latent), latent=latent)
    assert len(settings["reference_latents"]) == 2


def test_the_parts_of_a_sampler_paint_what_the_sampler_paints(ctx):
    model = tiny_families.model("flux")
    prompt = tiny_families.prompt(model, seed=1)
    canvas = empty_latent_of_16_channels(width=256, height=256)
    sigmas = schedule(model=model, steps=2)
    parts = {"sampler": choose(), "sigmas": sigmas, "latent_image": canvas, "ctx": ctx}
    expected = sample(
        model=model, seed=5, steps=2, cfg=1.0, positive=prompt, negative=prompt, latent_image=canvas, ctx=ctx
    )
    led = sample_parts(noise=noise(noise_seed=5), guider=guide(model=model, conditioning=prompt), **parts)
    assert torch.equal(led.output["samples"], expected["samples"])
    twice = sample_parts(
        noise=noise(noise_seed=5), guider=guide_apart(model=model, positive=prompt, negative=prompt, cfg=1.0), **parts
    )
    assert torch.equal(twice.output["samples"], expected["samples"])
    at_once = sample_custom(model=model, noise_seed=5, cfg=1.0, positive=prompt, negative=prompt, **parts)
    assert torch.equal(at_once.output["samples"], expected["samples"])
    assert torch.allclose(at_once.denoised_output["samples"], expected["samples"], atol=1e-4)


def test_two_samplers_may_share_a_picture(ctx):
    model = tiny_families.model("sd1")
    prompt = tiny_families.prompt(model, seed=1)
    sigmas = schedule(model=model, steps=4, scheduler="normal")
    led = guide(model=model, conditioning=prompt)
    parts = split(sigmas=sigmas, step=2)
    canvas = empty_latent(width=64, height=64)
    begun = sample_parts(
        noise=noise(noise_seed=5), guider=led, sampler=choose(), sigmas=parts.high_sigmas,
        latent_image=canvas, ctx=ctx,
    )  # fmt: skip
    done = sample_parts(
        noise=no_noise(), guider=led, sampler=choose(), sigmas=parts.low_sigmas, latent_image=begun.output, ctx=ctx
    )
    whole = sample_parts(
        noise=noise(noise_seed=5), guider=led, sampler=choose(), sigmas=sigmas, latent_image=canvas, ctx=ctx
    )
    assert torch.allclose(done.output["samples"], whole.output["samples"], atol=1e-3)


@pytest.mark.parametrize("side", [128, 4096])
def test_a_canvas_far_from_what_a_family_was_trained_on_is_said(ctx, said, side):
    model = tiny_families.model("sdxl")
    model.module.register_to_config(sample_size=128)
    canvas = empty_latent(width=side, height=16)
    prompt = tiny_families.prompt(model, seed=1)
    settings = {"model": model, "steps": 1, "positive": prompt, "negative": prompt, "latent_image": canvas, "cfg": 1.0}
    sample(**settings, ctx=ctx)
    sample_part(**settings, ctx=ctx)
    sample_parts(
        noise=noise(), guider=guide(model=model, conditioning=prompt), sampler=choose(),
        sigmas=schedule(model=model, steps=1), latent_image=canvas, ctx=ctx,
    )  # fmt: skip
    assert len(said) == 3
    assert all(f"the canvas is {side} x 16 pixels and Stable Diffusion XL was trained" in text for text in said)
    said.clear()
    sample(**settings, denoise=0.5, ctx=ctx)
    assert not any("was trained on" in text for text in said)


def test_a_canvas_of_a_size_that_the_family_knows_or_that_the_model_was_made_for_is_not_spoken_of(ctx, said):
    model = tiny_families.model("sdxl")
    prompt = tiny_families.prompt(model, seed=1)
    settings = {"model": model, "steps": 1, "positive": prompt, "negative": prompt, "cfg": 1.0, "ctx": ctx}
    model.module.register_to_config(sample_size=128)
    sample(latent_image=empty_latent(width=768, height=768), **settings)
    model.module.register_to_config(sample_size=8)
    sample(latent_image=empty_latent(width=64, height=64), **settings)
    assert said == []


def test_a_turbo_model_paints_in_one_step(ctx):
    model = tiny_families.model("sdxl")
    prompt = tiny_families.prompt(model, seed=1)
    done = sample_custom(
        model=model, cfg=1.0, positive=prompt, negative=prompt, sampler=choose(sampler_name="euler_ancestral"),
        sigmas=schedule_turbo(model=model), latent_image=empty_latent(width=64, height=64), ctx=ctx,
    )  # fmt: skip
    assert torch.isfinite(done.output["samples"]).all()


def test_a_negative_prompt_may_count_at_the_beginning_only_as_workflows_for_sd3_have_it(ctx):
    model = tiny_families.model("sd3", "medium")
    positive, negative = (tiny_families.prompt(model, seed=seed) for seed in (1, 2))
    nothing = set_range(conditioning=zero_out(conditioning=negative), start=0.1)
    limited = combine(conditioning_1=set_range(conditioning=negative, end=0.1), conditioning_2=nothing)
    assert [(entry[1]["start_percent"], entry[1]["end_percent"]) for entry in limited] == [(0.0, 0.1), (0.1, 1.0)]
    settings = {"model": model, "seed": 1, "steps": 4, "cfg": 4.0, "positive": positive, "ctx": ctx}
    canvas = empty_latent_of_16_channels(width=64, height=64)
    pictures = [
        sample(negative=entry, latent_image=canvas, **settings)["samples"] for entry in (limited, negative, nothing)
    ]
    assert not torch.allclose(pictures[0], pictures[1], atol=1e-3)
    assert not torch.allclose(pictures[0], pictures[2], atol=1e-3)


def test_a_prompt_node_of_another_family_names_the_encoder_that_it_has_no_text_for(ctx, clips):
    with pytest.raises(DiffusionError, match=r"clip_g.*CLIPTextEncode") as caught:
        encode_flux(clip=clips["sdxl"], clip_l="a cat", ctx=ctx)
    assert caught.value.input == "clip"


@pytest.mark.parametrize(("family", "cfg", "count"), [("flux", 8.0, 2), ("flux", 1.0, 0), ("sd3", 8.0, 0)])
def test_much_guidance_for_a_family_that_paints_without_it_is_said(ctx, said, family, cfg, count):
    model = tiny_families.model(family, "medium" if family == "sd3" else "")
    prompt = tiny_families.prompt(model, seed=1)
    latent = {"samples": tiny_families.latent(model, seed=1)}
    sample(model=model, steps=1, cfg=cfg, denoise=0.5, positive=prompt, negative=prompt, latent_image=latent, ctx=ctx)
    sample_parts(
        noise=noise(), guider=guide_apart(model=model, positive=prompt, negative=prompt, cfg=cfg), sampler=choose(),
        sigmas=schedule(model=model, steps=1, denoise=0.5), latent_image=latent, ctx=ctx,
    )  # fmt: skip
    assert sum("trained to paint with a cfg of 1" in text for text in said) == count
    assert len(said) == count
