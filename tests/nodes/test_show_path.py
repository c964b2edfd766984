"""Show the path: the same result as Sampler, a strip of labelled pictures on the node, and states for other nodes."""

import numpy as np
import pytest
import torch
from PIL import Image

from diffusion.latents import empty
from diffusion.models import Vae
from diffusion.vae import decode
from graph.api import CancelledError, NodeError
from nodes import picture_metadata
from nodes.sampling import sample, show_path
from tests.support import tiny_families, tiny_models

pytestmark = pytest.mark.network

SETTINGS = {"seed": 7, "steps": 4, "cfg": 2.0, "scheduler": "karras"}


@pytest.fixture(scope="module")
def parts():
    """What both samplers take, and a VAE for it."""
    model = tiny_families.shared("sd1", "")
    prompts = [tiny_families.prompt(model, seed=seed) for seed in (1, 2)]
    vae = Vae(tiny_models.vae(), model.latent_format, torch.device("cpu"), torch.float32)
    return {"model": model, "positive": prompts[0], "negative": prompts[1], "latent_image": empty(64, 48)}, vae


def test_it_paints_what_the_sampler_paints_and_gives_each_state(ctx, parts):
    inputs, vae = parts
    path = show_path(**inputs, vae=vae, **SETTINGS, ctx=ctx)
    expected = sample(**inputs, **SETTINGS, ctx=ctx)
    assert torch.equal(path.result["samples"], expected["samples"])
    assert torch.equal(path.x[-1]["samples"], expected["samples"])
    assert torch.equal(path.x0[-1]["samples"], expected["samples"])
    assert len(path.x) == len(path.x0) == len(path.levels) == 5
    assert path.levels == sorted(path.levels, reverse=True)
    assert path.levels[-1] == 0.0


def test_the_strip_shows_both_sides_of_each_state_with_its_noise_level(ctx, parts):
    inputs, vae = parts
    path = show_path(**inputs, vae=vae, **SETTINGS, states=3, ctx=ctx)
    assert [artifact.label for artifact in ctx.artifacts] == [
        "noise level 14.6: before step 1 of 4",
        f"noise level {path.levels[1]:.3g}: before step 3 of 4",
        "noise level 0: the result",
    ]
    files = [ctx.files.root(artifact.folder) / artifact.name for artifact in ctx.artifacts]
    assert {artifact.folder for artifact in ctx.artifacts} == {"temp"}
    for file, state in zip(files, path.x, strict=True):
        sheet = np.asarray(Image.open(file)) / 255
        assert sheet.shape == (48, 2 * 64 + 8, 3)
        assert np.allclose(sheet[:, :64], decode(vae, state["samples"])[0].numpy(), atol=1 / 255)
        assert (sheet[:, 64:72] == 1).all()
    assert picture_metadata.read(files[0].read_bytes())["workflow"]["nodes"]["3"]["type"] == "KSampler"


def test_progress_goes_on_while_the_strip_is_made_and_cancelling_ends_it(ctx, parts):
    inputs, vae = parts
    seen = []
    ctx.report = lambda value, maximum, preview: seen.append((value, maximum))
    show_path(**inputs, vae=vae, **SETTINGS, ctx=ctx)
    assert seen == [(1, 9), (2, 9), (3, 9), (4, 9), (4, 9), (5, 9), (6, 9), (7, 9), (8, 9)]
    ctx.report = lambda value, maximum, preview: value > 4 and ctx.token.cancel()
    ctx.artifacts.clear()
    with pytest.raises(CancelledError):
        show_path(**inputs, vae=vae, **SETTINGS, ctx=ctx)
    assert not ctx.artifacts


def test_a_vae_of_another_family_is_refused_before_the_run(ctx, parts):
    inputs, vae = parts
    wide = Vae(vae.model, tiny_families.shared("flux", "").latent_format, vae.device, vae.dtype)
    with pytest.raises(NodeError, match="latents of 16 channels, and the model paints 4") as refused:
        show_path(**inputs, vae=wide, **SETTINGS, ctx=ctx)
    assert refused.value.input == "vae"
    assert not ctx.artifacts
