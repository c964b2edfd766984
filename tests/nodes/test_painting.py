"""From a checkpoint to a picture through the nodes, on a tiny checkpoint with random weights."""

import io
from dataclasses import replace

import pytest
import torch
from PIL import Image

from graph.api import CancelledError, Files
from nodes.conditioning import average, combine, concat, zero_out
from nodes.latent import empty_latent, set_noise_mask, upscale_latent, upscale_latent_by
from nodes.loaders import load_checkpoint, load_vae
from nodes.sampling import sample, sample_part
from nodes.text import encode_text, set_last_layer
from nodes.vae import decode, encode, encode_for_inpaint
from tests.support.documents import document
from tests.support.tiny_models import write_checkpoint

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    write_checkpoint(folder / "tiny")
    return Files({"checkpoints": [folder], "vae": [folder / "tiny"]})


@pytest.fixture
def ctx(ctx, models):
    return replace(ctx, files=models)


@pytest.fixture(scope="module")
def loaded():
    return {}


@pytest.fixture
def checkpoint(ctx, loaded):
    if not loaded:
        loaded["tiny"] = load_checkpoint(ckpt_name="tiny", ctx=ctx)
    return loaded["tiny"]


@pytest.fixture
def settings(ctx, checkpoint):
    prompt = encode_text(text="red cat", clip=checkpoint.CLIP, ctx=ctx)
    negative = encode_text(clip=checkpoint.CLIP, ctx=ctx)
    latent = empty_latent(width=64, height=64)
    return {"model": checkpoint.MODEL, "steps": 3, "positive": prompt, "negative": negative, "latent_image": latent}


def test_a_prompt_becomes_a_picture_and_the_same_seed_the_same(ctx, checkpoint, settings):
    pictures = [
        decode(samples=sample(**settings, seed=seed, ctx=ctx), vae=checkpoint.VAE, ctx=ctx) for seed in (1, 1, 2)
    ]
    assert pictures[0].shape == (1, 64, 64, 3)
    assert torch.equal(pictures[0], pictures[1])
    assert not torch.equal(pictures[0], pictures[2])


def test_two_halves_of_a_run_make_the_whole(ctx, settings):
    whole = sample(**settings, seed=5, ctx=ctx)
    first = sample_part(**settings, noise_seed=5, end_at_step=2, return_with_leftover_noise="enable", ctx=ctx)
    rest = settings | {"latent_image": first}
    second = sample_part(**rest, add_noise="disable", noise_seed=5, start_at_step=2, ctx=ctx)
    torch.testing.assert_close(second["samples"], whole["samples"])


def test_every_step_is_reported_with_a_preview_when_someone_looks(ctx, settings):
    heard = []
    looking = replace(ctx, previews=True, report=lambda *facts: heard.append(facts))
    sample(**settings, ctx=looking)
    assert [facts[:2] for facts in heard] == [(1, 3), (2, 3), (3, 3)]
    assert Image.open(io.BytesIO(heard[0][2])).format == "JPEG"


def test_nobody_looking_costs_no_preview(ctx, settings):
    heard = []
    sample(**settings, ctx=replace(ctx, report=lambda *facts: heard.append(facts)))
    assert [facts[2] for facts in heard] == [None, None, None]


def test_cancelling_stops_in_the_middle_in_the_engine_s_word(ctx, checkpoint, settings):
    def cancel_at_the_second(value, maximum, preview):
        if value == 2:
            ctx.token.cancel()

    with pytest.raises(CancelledError):
        sample(**settings, ctx=replace(ctx, report=cancel_at_the_second))
    with pytest.raises(CancelledError):
        decode(samples=settings["latent_image"], vae=checkpoint.VAE, ctx=ctx)


def test_a_picture_goes_through_the_vae_and_back(ctx, checkpoint):
    pixels = torch.rand(2, 64, 64, 3)
    latent = encode(pixels=pixels, vae=checkpoint.VAE, ctx=ctx)
    assert latent["samples"].shape == (2, 4, 8, 8)
    assert decode(samples=latent, vae=checkpoint.VAE, ctx=ctx).shape == pixels.shape


def test_a_vae_loads_on_its_own(ctx, checkpoint):
    latent = {"samples": torch.rand(1, 4, 8, 8)}
    alone = load_vae(vae_name="vae", ctx=ctx)
    expected = decode(samples=latent, vae=checkpoint.VAE, ctx=ctx)
    torch.testing.assert_close(decode(samples=latent, vae=alone, ctx=ctx), expected)


def test_low_denoise_stays_near_the_given_picture(ctx, checkpoint, settings):
    start = encode(pixels=torch.rand(1, 64, 64, 3), vae=checkpoint.VAE, ctx=ctx)
    given = settings | {"latent_image": start, "steps": 8}

    def distance(denoise):
        return (sample(**given, denoise=denoise, ctx=ctx)["samples"] - start["samples"]).abs().mean()

    assert distance(0.0) == 0
    assert distance(0.15) < distance(1.0)


@pytest.mark.parametrize("way", ["keep", "wipe"])
def test_inpainting_changes_only_what_is_masked(ctx, checkpoint, settings, way):
    pixels, mask = torch.rand(1, 64, 64, 3), torch.zeros(1, 64, 64)
    mask[:, :, 32:] = 1
    if way == "keep":
        latent = set_noise_mask(samples=encode(pixels=pixels, vae=checkpoint.VAE, ctx=ctx), mask=mask, ctx=ctx)
    else:
        latent = encode_for_inpaint(pixels=pixels, vae=checkpoint.VAE, mask=mask, grow_mask_by=0, ctx=ctx)
    painted = sample(**(settings | {"latent_image": latent}), ctx=ctx)["samples"]
    torch.testing.assert_close(painted[..., :3], latent["samples"][..., :3])
    assert not torch.allclose(painted[..., 5:], latent["samples"][..., 5:])


def test_prompts_mix(ctx, checkpoint):
    red, dog = (encode_text(text=text, clip=checkpoint.CLIP, ctx=ctx) for text in ("red", "dog"))
    assert len(combine(conditioning_1=red, conditioning_2=dog)) == 2
    assert concat(conditioning_to=red, conditioning_from=dog, ctx=ctx)[0][0].shape[1] == 2 * red[0][0].shape[1]
    assert torch.equal(
        average(conditioning_to=red, conditioning_from=dog, conditioning_to_strength=0.0, ctx=ctx)[0][0], dog[0][0]
    )
    assert zero_out(conditioning=red)[0][0].eq(0).all()
    assert red[0][0].ne(0).any()


def test_an_earlier_layer_reads_differently_and_the_original_stays(ctx, checkpoint):
    earlier = set_last_layer(clip=checkpoint.CLIP, stop_at_clip_layer=-2)
    whole = encode_text(text="red", clip=checkpoint.CLIP, ctx=ctx)[0][0]
    assert not torch.allclose(encode_text(text="red", clip=earlier, ctx=ctx)[0][0], whole)
    assert torch.equal(encode_text(text="red", clip=checkpoint.CLIP, ctx=ctx)[0][0], whole)


@pytest.mark.parametrize("socket", ["width", "height"])
def test_a_size_that_comes_by_a_wire_and_cannot_be_painted_is_told_with_the_nearest_two(engine, socket):
    nodes = {"n": ("PrimitiveInt", {"value": 100}), "e": ("EmptyLatentImage", {socket: "@n.INT"})}
    outcome = engine.run(document(**nodes), ["e"])
    (problem,) = outcome.problems
    assert (outcome.status, problem.node, problem.socket) == ("failed", "e", socket)
    assert "100 is not a multiple of 8" in problem.message
    assert problem.remedy == "use 96 or 104"


def test_latents_grow(ctx):
    latent = {"samples": torch.rand(1, 4, 8, 8), "mine": 1}
    assert upscale_latent_by(samples=latent, upscale_method="bislerp", scale_by=2.0)["samples"].shape == (1, 4, 16, 16)
    enlarged = upscale_latent(samples=latent, width=128, height=0, ctx=ctx)
    assert enlarged["samples"].shape == (1, 4, 16, 16)
    assert enlarged["mine"] == 1


def test_what_cannot_become_a_picture_is_said_at_the_sampler(ctx, settings):
    said = []
    ctx = replace(ctx, report_warning=said.append)
    sample(**settings, ctx=ctx)
    assert said == []
    sample(**settings, denoise=0.5, ctx=ctx)
    sample_part(**settings, start_at_step=2, end_at_step=2, ctx=ctx)
    sample_part(**settings, add_noise="disable", ctx=ctx)
    assert ["stays grey" in text for text in said] == [True, False, True]
    assert "nothing is painted" in said[1]


def test_wiping_out_nothing_is_said(ctx, checkpoint):
    said = []
    ctx = replace(ctx, report_warning=said.append)
    pixels, mask = torch.rand(1, 64, 64, 3), torch.full((1, 64, 64), 0.4)
    encode_for_inpaint(pixels=pixels, vae=checkpoint.VAE, mask=mask, ctx=ctx)
    assert len(said) == 1
    assert "the mask is empty" in said[0]
    encode_for_inpaint(pixels=pixels, vae=checkpoint.VAE, mask=mask + 0.2, ctx=ctx)
    assert len(said) == 1
