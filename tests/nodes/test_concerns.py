"""What the built-in nodes warn of, and of what they do not: a mark that is always there is not looked at."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from commands.installation import find_installation
from graph.document import reader
from graph.engine import Engine
from nodes import concerns
from nodes.batch import select_from_batch
from nodes.conditioning import average, concat
from nodes.image_mix import blend_images, composite_images
from nodes.image_size import crop_image, pad_for_outpaint
from nodes.latent import empty_latent, set_noise_mask, upscale_latent
from nodes.latent_batch import select_latent
from nodes.load_image import load_image, load_mask
from nodes.save_image import save_image
from nodes.tensor_values import CODECS

ROOT = Path(__file__).parents[2]
PICTURES = torch.rand(2, 32, 48, 3)
LATENT = {"samples": torch.rand(2, 4, 4, 6)}
PART = torch.zeros(1, 32, 48)
PART[:, :16] = 1


@pytest.fixture
def said():
    return []


@pytest.fixture
def ctx(ctx, said):
    return replace(ctx, report_warning=said.append)


def prompts(count):
    return [[torch.rand(1, 3, 8), {}] for _ in range(count)]


CASES = {
    "a mask without a white part": (
        lambda ctx: set_noise_mask(samples=LATENT, mask=torch.zeros(1, 64, 64), ctx=ctx), "erase a part of the picture"
    ),
    "a mask of other proportions": (
        lambda ctx: set_noise_mask(samples=LATENT, mask=torch.ones(1, 32, 32), ctx=ctx), "48 x 32: it was stretched"
    ),
    "more masks than pictures": (
        lambda ctx: set_noise_mask(samples=LATENT, mask=PART.repeat(3, 1, 1), ctx=ctx), "the last 1 masks were not used"
    ),
    "masks that do not go into the pictures": (
        lambda ctx: set_noise_mask(samples={"samples": torch.rand(3, 4, 4, 6)}, mask=PART.repeat(2, 1, 1), ctx=ctx),
        "in turn",
    ),
    "a paste through an empty mask": (
        lambda ctx: composite_images(destination=PICTURES, source=PICTURES, mask=PART * 0, ctx=ctx), "nothing is pasted"
    ),
    "a paste beside the picture": (
        lambda ctx: composite_images(destination=PICTURES, source=PICTURES, x=48, ctx=ctx), "wholly beside"
    ),
    "more to paste than to paste onto": (
        lambda ctx: composite_images(destination=PICTURES[:1], source=PICTURES, ctx=ctx), "the last 1 pictures to paste"
    ),
    "a blend of three and two": (
        lambda ctx: blend_images(image1=torch.rand(3, 8, 8, 3), image2=torch.rand(2, 8, 8, 3), ctx=ctx), "in turn"
    ),
    "a cut that reaches beyond": (
        lambda ctx: crop_image(image=PICTURES, x=40, y=0, width=16, height=16, ctx=ctx), "the result is 8 x 16"
    ),
    "a cut beside the picture": (
        lambda ctx: crop_image(image=PICTURES, x=99, y=0, width=16, height=16, ctx=ctx), "beside the picture"
    ),
    "padding by nothing": (lambda ctx: pad_for_outpaint(image=PICTURES, ctx=ctx), "nothing is added"),
    "a number beyond the batch": (
        lambda ctx: select_from_batch(image=PICTURES, batch_index=2, ctx=ctx), "number 2 is none of them"
    ),
    "more than the batch has": (
        lambda ctx: select_latent(samples=LATENT, batch_index=1, length=3, ctx=ctx), "only 1 of the 3 latents"
    ),
    "a latent too small": (
        lambda ctx: upscale_latent(samples=LATENT, width=32, height=128, ctx=ctx), "no side becomes smaller than 64"
    ),
    "several prompts where one is taken": (
        lambda ctx: average(conditioning_to=prompts(1), conditioning_from=prompts(2), ctx=ctx), "only the first"
    ),
    "several prompts behind one": (
        lambda ctx: concat(conditioning_to=prompts(2), conditioning_from=prompts(3), ctx=ctx), "only the first"
    ),
    "values that a file cannot hold": (
        lambda ctx: save_image(images=torch.linspace(-0.2, 1.4, 48).reshape(1, 4, 4, 3), ctx=ctx), "from -0.20 to 1.40"
    ),
    "a canvas that is not covered with noise": (
        lambda ctx: concerns.start_of_sampling(ctx, empty_latent(), starts_whole=False, steps_left=3), "stays grey"
    ),
    "no step at all": (
        lambda ctx: concerns.start_of_sampling(ctx, LATENT, starts_whole=True, steps_left=0), "nothing is painted"
    ),
}  # fmt: skip

QUIET = {
    "a mask": lambda ctx: set_noise_mask(samples=LATENT, mask=PART, ctx=ctx),
    "a mask that is white all over": lambda ctx: set_noise_mask(samples=LATENT, mask=torch.ones(1, 32, 48), ctx=ctx),
    "a mask for each": lambda ctx: set_noise_mask(samples=LATENT, mask=PART.repeat(2, 1, 1), ctx=ctx),
    "a small mask of the same proportions": lambda ctx: set_noise_mask(
        samples=LATENT, mask=torch.ones(1, 16, 24), ctx=ctx
    ),
    "one picture on many": lambda ctx: composite_images(destination=PICTURES, source=PICTURES[:1], mask=PART, ctx=ctx),
    "a paste that sticks out": lambda ctx: composite_images(destination=PICTURES, source=PICTURES, x=40, ctx=ctx),
    "a blend of one with many": lambda ctx: blend_images(image1=PICTURES, image2=PICTURES[:1], ctx=ctx),
    "all that there is from a number on": lambda ctx: select_from_batch(
        image=PICTURES, batch_index=1, length=4096, ctx=ctx
    ),
    "a size that follows": lambda ctx: upscale_latent(samples=LATENT, width=128, height=0, ctx=ctx),
    "no size": lambda ctx: upscale_latent(samples=LATENT, width=0, height=0, ctx=ctx),
    "one prompt for several": lambda ctx: concat(conditioning_to=prompts(2), conditioning_from=prompts(1), ctx=ctx),
    "rounding": lambda ctx: save_image(images=PICTURES.clamp(0, 1) * 1.001, ctx=ctx),
    "noise over all of it": lambda ctx: concerns.start_of_sampling(
        ctx, empty_latent(), starts_whole=True, steps_left=20
    ),
    "a picture that is changed a little": lambda ctx: concerns.start_of_sampling(
        ctx, LATENT, starts_whole=False, steps_left=20
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_hardly_wanted_is_said_once_with_what_happened(ctx, said, name):
    act, words = CASES[name]
    act(ctx)
    (text,) = said
    assert words in text


@pytest.mark.parametrize("name", QUIET)
def test_normal_use_is_not_spoken_of(ctx, said, name):
    QUIET[name](ctx)
    assert said == []


def test_a_mask_of_transparency_that_is_not_there_is_said_where_it_is_asked_for(ctx, said, put, colours):
    name = put("a.png", colours)
    load_image(image=name, ctx=ctx)
    assert said == []
    load_mask(image=name, channel="red", ctx=ctx)
    assert said == []
    load_mask(image=name, ctx=ctx)
    (text,) = said
    assert "no transparency" in text
    assert "choose red" in text


@pytest.mark.model
@pytest.mark.skipif(not (ROOT / "models/picturebook/model_index.json").exists(), reason="no bundled model here yet")
def test_inpainting_a_picture_without_a_hole_says_what_to_do_at_the_node_of_the_mask(tmp_path):
    (tmp_path / "input").mkdir()
    Image.linear_gradient("L").resize((96, 128)).convert("RGB").save(tmp_path / "input" / "opaque.png")
    installation = find_installation(tmp_path)
    workflow = reader.read(ROOT / "workflows" / "inpainting.json")
    workflow.nodes["10"].inputs["image"] = "opaque.png"  # type: ignore[index]
    workflow.nodes["3"].inputs["steps"] = 1  # type: ignore[index]
    with Engine(installation.registry, installation.files, codecs=CODECS) as engine:
        for _ in range(2):
            outcome = engine.run(workflow)
            assert outcome.status == "finished"
            told = {node: warned.lines() for node, warned in outcome.warnings.items()}
            assert set(told) == {"12", "15"}
            assert "erase a part of the picture" in told["12"][0]
            assert "nothing is pasted" in told["15"][0]
