"""Every place of a picture comes back where it was, whatever its sides: through the VAE, a mask and the sampler."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from graph.api import Files
from nodes.image_mix import composite_images
from nodes.latent import set_noise_mask
from nodes.loaders import load_checkpoint
from nodes.sampling import sample
from nodes.text import encode_text
from nodes.vae import decode, encode, encode_for_inpaint

BUNDLED = Path(__file__).parents[2] / "models"

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(not (BUNDLED / "picturebook/model_index.json").exists(), reason="no bundled model here yet"),
]


@pytest.fixture(scope="module")
def loaded():
    return {}


@pytest.fixture
def ctx(ctx):
    return replace(ctx, files=Files({"checkpoints": [BUNDLED]}))


@pytest.fixture
def checkpoint(ctx, loaded):
    if not loaded:
        loaded["model"] = load_checkpoint(ckpt_name="picturebook", ctx=ctx)
    return loaded["model"]


@pytest.fixture
def paint(ctx, checkpoint):
    """Sample a latent."""
    prompt = encode_text(text="a meadow", clip=checkpoint.CLIP, ctx=ctx)
    negative = encode_text(clip=checkpoint.CLIP, ctx=ctx)

    def painted(latent, denoise):
        return sample(
            model=checkpoint.MODEL, positive=prompt, negative=negative, latent_image=latent, steps=2, denoise=denoise,
            ctx=ctx,
        )  # fmt: skip

    return painted


def edged(width, height, axis, at):
    pixels = torch.full((1, height, width, 3), 0.2)
    pixels.narrow(axis, at, pixels.shape[axis] - at).fill_(0.8)
    return pixels


def edge_of(pixels, axis, near):
    """Where the brightness crosses the middle, in parts of a pixel."""
    profile = pixels[0].mean(dim=[dim for dim in (0, 1, 2) if dim != axis - 1])
    middle = (profile[: near - 12].mean() + profile[near + 12 :].mean()) / 2
    for index in range(near - 8, near + 8):
        before, after = profile[index], profile[index + 1]
        if before < middle <= after:
            return float(index + 0.5 + (middle - before) / (after - before))
    raise AssertionError("there is no edge")


@pytest.mark.parametrize("side", range(121, 137))
@pytest.mark.parametrize("axis", [2, 1], ids=["across", "down"])
def test_what_is_inpainted_without_a_change_lies_to_a_quarter_of_a_pixel_where_it_was(
    ctx, checkpoint, paint, side, axis
):
    other = 144 - (side - 121)  # never square but once, and seldom both of them multiples
    width, height = (side, other) if axis == 2 else (other, side)
    at = side // 2
    picture = edged(width, height, axis, at)
    mask = torch.zeros(1, height, width)
    mask[:, height // 4 : -height // 4, width // 4 : -width // 4] = 1
    latent = set_noise_mask(samples=encode(pixels=picture, vae=checkpoint.VAE, ctx=ctx), mask=mask, ctx=ctx)
    result = decode(samples=paint(latent, 0.0), vae=checkpoint.VAE, ctx=ctx)
    assert result.shape == picture.shape
    assert abs(edge_of(result, axis, at) - at) <= 0.25
    pasted = composite_images(destination=picture, source=result, mask=mask, ctx=ctx)
    assert torch.equal(pasted[mask == 0], picture[mask == 0])
    inside = pasted[:, height // 4 : -height // 4, width // 4 : -width // 4]
    offset = at - (width // 4 if axis == 2 else height // 4)
    assert abs(edge_of(inside, axis, offset) - offset) <= 0.25


@pytest.mark.parametrize(("width", "height"), [(132, 132), (125, 131)])
@pytest.mark.parametrize("way", ["keep", "wipe"])
def test_painting_stays_inside_the_mask_whatever_the_sides(ctx, checkpoint, paint, width, height, way):
    picture = edged(width, height, 2, width // 2)
    mask = torch.zeros(1, height, width)
    mask[:, :, : width // 2] = 1
    if way == "keep":
        latent = set_noise_mask(samples=encode(pixels=picture, vae=checkpoint.VAE, ctx=ctx), mask=mask, ctx=ctx)
    else:
        latent = encode_for_inpaint(pixels=picture, vae=checkpoint.VAE, mask=mask, grow_mask_by=0, ctx=ctx)
    painted = paint(latent, 1.0)
    moved = (painted["samples"] - latent["samples"]).abs().mean(dim=(0, 1, 2))
    first_kept = -(-(width // 2) // 8) + 1  # the cell on the seam belongs to both
    assert moved[first_kept:].max() < 1e-4
    assert moved[: first_kept - 2].min() > 1e-2
    assert decode(samples=painted, vae=checkpoint.VAE, ctx=ctx).shape == picture.shape
