"""Training through its node: the field's sockets, pictures of several sizes, and what it shows meanwhile."""

import io
from dataclasses import replace

import pytest
import torch
from PIL import Image

from graph.api import Files
from nodes.loaders import load_checkpoint
from nodes.text import encode_text
from nodes.training import train_lora
from tests.support.tiny_models import write_checkpoint

pytestmark = pytest.mark.network

QUICK = {"steps": 2, "rank": 2, "layers": "attention", "training_dtype": "fp32", "lora_dtype": "fp32"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    write_checkpoint(folder / "tiny")
    return Files({"checkpoints": [folder]})


@pytest.fixture(scope="module")
def loaded():
    return {}


@pytest.fixture
def ctx(ctx, files):
    return replace(ctx, files=files)


@pytest.fixture
def asked(ctx, loaded):
    if not loaded:
        loaded["tiny"] = load_checkpoint(ckpt_name="tiny", ctx=ctx)
        loaded["caption"] = encode_text(text="a red cat", clip=loaded["tiny"].CLIP, ctx=ctx)
    dice = torch.Generator().manual_seed(0)
    latents = [{"samples": torch.randn(*shape, generator=dice)} for shape in ((2, 4, 8, 8), (1, 4, 4, 8))]
    return {"model": loaded["tiny"].MODEL, "latents": latents, "positive": [loaded["caption"]], "ctx": ctx}


def test_it_gives_a_model_a_lora_and_its_losses(asked):
    given = train_lora(**asked, **QUICK, existing_lora=None)
    assert len(given.MODEL.patches) == 1
    assert given.MODEL.module is asked["model"].module
    assert given.LORA["family"] == "sd1"
    assert given.LOSS["steps"] == [1, 2]
    assert len(given.LOSS["loss"]) == given.STEPS == 2
    assert "3 pictures in 2 steps" in given.report


def test_the_curve_and_a_sample_are_its_preview(asked, ctx):
    shown = []
    watching = replace(ctx, previews=True, report=lambda *report: shown.append(report))
    more = {"existing_lora": None, "sample_prompt": asked["positive"][0], "sample_every": 1}
    train_lora(**{**asked, "ctx": watching}, **QUICK, **more)
    assert [(value, most) for value, most, _ in shown] == [(1, 2), (2, 2)]
    pictures = [Image.open(io.BytesIO(picture)) for _, _, picture in shown if picture]
    assert pictures
    assert all(picture.width > 480 and picture.height == 270 for picture in pictures)
