"""Five lines of Python: a torch module that turns noise into pictures, as the nodes do."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import stable_diffusion as sd
from diffusion.pixel_noise import latent_noise
from graph.api import Files, NodeContext
from graph.node_types.context import RunRecord
from nodes.latent import empty_latent
from nodes.loaders import load_checkpoint
from nodes.sampling import sample
from nodes.text import encode_text
from nodes.vae import decode, encode
from tests.support.tiny_models import write_checkpoint

pytestmark = pytest.mark.network

torch.set_num_threads(1)
SETTINGS = {"steps": 3, "guidance": 3.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_checkpoint(tmp_path_factory.mktemp("checkpoints") / "tiny")


@pytest.fixture(scope="module")
def model(folder):
    return sd.create_model("red cat", checkpoint=folder, **SETTINGS).eval()


@pytest.fixture(scope="module")
def painted(folder):
    """Paint with the nodes: prompt, latent, settings -> IMAGE."""
    ctx = NodeContext(Files({"checkpoints": [folder.parent]}), RunRecord("run"))
    loaded = load_checkpoint(ckpt_name="tiny", ctx=ctx)
    prompts = {
        name: encode_text(text=text, clip=loaded.CLIP, ctx=ctx)
        for name, text in (("positive", "red cat"), ("negative", ""))
    }

    def painted(latent, **settings):
        if isinstance(latent, torch.Tensor):
            latent = encode(pixels=latent, vae=loaded.VAE, ctx=ctx)
        found = sample(
            model=loaded.MODEL, **prompts, latent_image=latent, steps=3, cfg=3.0, sampler_name="dpmpp_2m",
            scheduler="karras", ctx=ctx, **settings,
        )  # fmt: skip
        return decode(samples=found, vae=loaded.VAE, ctx=ctx)

    return painted


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_noise_becomes_a_picture_that_goes_straight_into_imshow(model):
    image = model(noise(1, 3, 64, 48))
    assert isinstance(model, nn.Module)
    assert image.shape == (1, 64, 48, 3)
    assert image.dtype == torch.float32
    assert not image.requires_grad
    assert 0 <= image.min() < image.max() <= 1
    assert image.squeeze().cpu().numpy().shape == (64, 48, 3)
    image.mul_(1)  # an ordinary tensor, of no inference mode


def test_the_same_noise_gives_the_same_picture_and_other_noise_another(model):
    first = model(noise(1, 3, 64, 64, seed=1))
    assert torch.equal(first, model(noise(1, 3, 64, 64, seed=1)))
    assert (first - model(noise(1, 3, 64, 64, seed=2))).abs().mean() > 0.01


def test_it_is_what_the_nodes_paint_of_the_same_latent_noise_bit_for_bit(model, painted, monkeypatch):
    given = noise(1, 3, 64, 64)
    latent = latent_noise(given, model._loaded.model.latent_format)
    with monkeypatch.context() as patched:
        patched.setattr("diffusion.start.initial_noise", lambda shape, seed, indices: latent)
        expected = painted(empty_latent(width=64, height=64), seed=0)
    assert torch.equal(model(given), expected)


def test_with_a_strength_it_is_picture_to_picture_as_the_nodes_do_it(model, painted):
    picture = torch.rand(1, 3, 40, 50, generator=torch.Generator().manual_seed(3))
    changed = model(picture, strength=0.6)
    assert changed.shape == (1, 40, 50, 3)
    assert torch.equal(changed, painted(picture.movedim(1, -1), seed=0, denoise=0.6))
    model.seed = 5
    try:
        assert not torch.equal(changed, model(picture, strength=0.6))
    finally:
        model.seed = 0


def test_an_item_of_a_batch_is_the_picture_that_it_is_alone(model):
    batch = noise(3, 3, 32, 32)
    together = model(batch)
    assert together.shape == (3, 32, 32, 3)
    assert torch.allclose(together[1:2], model(batch[1:2]), atol=1e-4)


def test_training_mode_gradients_and_half_precision_of_the_input_change_nothing(model):
    given = noise(1, 3, 32, 32)
    expected = model(given)
    assert torch.equal(model.train()(given), expected)
    assert model.training
    assert not model.eval().training
    assert torch.equal(model(given.clone().requires_grad_()), expected)
    assert model(given.half()).dtype == torch.float32


def test_it_moves_copies_and_saves_like_any_module(model, folder):
    given = noise(1, 3, 32, 32)
    expected = model(given)
    copied = copy.deepcopy(model)
    assert torch.equal(copied(given), expected)
    with torch.no_grad():
        next(copied.denoiser.parameters()).add_(0.5)
    assert torch.equal(model(given), expected)
    assert not torch.equal(copied(given), expected)
    copied.load_state_dict(model.state_dict())
    assert torch.equal(copied(given), expected)
    wide = copied.double()
    assert wide is copied
    assert torch.allclose(wide(given), expected, atol=1e-3)
    assert torch.allclose(copied.to("cpu", torch.float32)(given), expected)
    assert {name.split(".")[0] for name in model.state_dict()} == {"denoiser", "text_encoders", "vae"}


def test_it_is_shown_on_one_line_with_its_settings_and_its_size(model):
    assert "\n" not in repr(model)
    assert "prompt='red cat'" in repr(model)
    assert "sd1" in repr(model)
    assert "torch.float32 on cpu" in repr(model)


def test_a_prompt_may_be_changed_later(model):
    given, before = noise(1, 3, 32, 32), model.prompt
    expected = model(given)
    model.prompt = "blue dog"
    try:
        assert not torch.equal(model(given), expected)
    finally:
        model.prompt = before
    assert torch.equal(model(given), expected)


def test_wrong_input_is_refused_before_anything_is_painted(model):
    with pytest.raises(ValueError, match="expected noise of shape"):
        model(noise(3, 32, 32))
    with pytest.raises(ValueError, match="multiples of 8"):
        model(noise(1, 3, 30, 32))
    with pytest.raises(ValueError, match="There is no sampler 'eular'"):
        sd.StableDiffusion.forward(_with(model, sampler="eular"), noise(1, 3, 32, 32))


def test_a_checkpoint_without_a_text_encoder_loads_and_says_what_is_missing_when_it_paints(model, folder):
    from diffusion.loading.absent import Absent

    absent = Absent("There is no text encoder in this file.", "Load one.", "clip")
    alone = sd.StableDiffusion(replace_clip(model, absent), name="half")
    vars(alone).update({name: getattr(model, name) for name in ("prompt", "negative", "steps", "guidance", "seed")})
    alone.sampler, alone.scheduler = model.sampler, model.scheduler
    with pytest.raises(ValueError, match="There is no text encoder"):
        alone(noise(1, 3, 32, 32))


@pytest.mark.model
@pytest.mark.long
@pytest.mark.process
def test_the_five_lines_paint_with_the_bundled_model_in_a_fresh_python():
    lines = (
        "import stable_diffusion as sd\nimport torch\nmodel = sd.create_model(steps=2)\nmodel.to('cpu')\n"
        "model.eval()\nimage = model(torch.randn(1, 3, 128, 128))\nprint(image.squeeze().cpu().numpy().shape)\n"
        "import os\nprint(os.environ['OMP_WAIT_POLICY'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", lines], cwd=Path(sd.__file__).parent, env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split("\n")[:2] == ["(128, 128, 3)", "PASSIVE"]


def _with(model, **settings):
    other = copy.copy(model)
    vars(other).update(settings)
    return other


def replace_clip(model, clip):
    return model._loaded._replace(clip=clip)
