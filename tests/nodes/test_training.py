"""Training through its node: the field's sockets, pictures of several sizes, and what it shows meanwhile."""

import io
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load, save_file

import diffusion
import nodes
from graph.api import Files, Registry
from graph.engine import Engine
from graph.node_types.context import CancelledError, CancelToken
from graph.running.events import NodeProgressed
from nodes.loaders import load_checkpoint
from nodes.text import encode_text
from nodes.training import train_lora, train_model
from nodes.training_reports import kept_when_stopped
from pictures.curve import SIZE
from tests.support.documents import document
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


def test_a_batch_larger_than_the_set_is_told_of(asked, ctx):
    told = []
    given = replace(ctx, report_warning=told.append)
    train_lora(**{**asked, "ctx": given}, **{**QUICK, "steps": 1}, batch_size=50, existing_lora=None)
    assert told == ["batch_size is 50, and there are 3 pictures: a step learns from 3 at most"]


def test_of_a_lora_to_go_on_from_all_that_cannot_be_used_is_told(asked, ctx, tmp_path):
    told = []
    given = train_lora(**asked, **{**QUICK, "steps": 1}, existing_lora=None)
    data = diffusion.loras.writing.file_of(diffusion.loras.lora.from_value(given.LORA), "kohya")
    tensors = load(data)
    name = next(name for name in tensors if name.endswith(".lora_up.weight"))
    save_file({key: value for key, value in tensors.items() if key != name}, tmp_path / "half.safetensors")
    save_file({**tensors, name: tensors[name] / 0}, tmp_path / "broken.safetensors")
    there = Files({**ctx.files.roots, "loras": [tmp_path]})
    again = {**asked, "ctx": replace(ctx, files=there, report_warning=told.append)}
    train_lora(**again, **{**QUICK, "steps": 1}, existing_lora="half.safetensors")
    assert len(told) == 1
    assert told[0].startswith("1 of the layers of half.safetensors are not trained further")
    with pytest.raises(diffusion.errors.DiffusionError, match="no numbers") as caught:
        train_lora(**again, **QUICK, existing_lora="broken.safetensors")
    assert caught.value.input == "existing_lora"


@pytest.mark.parametrize("raised", [CancelledError, diffusion.errors.Cancelled])
def test_whoever_stops_a_training_is_told_that_it_is_kept(ctx, tmp_path, raised):
    told = []
    given = replace(ctx, report_warning=told.append, unfinished=lambda: tmp_path)
    with pytest.raises(raised), kept_when_stopped(given, 4) as checkpoint:
        checkpoint.steps = 2
        raise raised
    assert "after step 2" in told[0]


def test_the_curve_and_a_sample_are_its_preview(asked, ctx):
    shown = []
    watching = replace(ctx, previews=True, report=lambda *report: shown.append(report))
    more = {"existing_lora": None, "sample_prompt": asked["positive"][0], "sample_every": 1}
    train_lora(**{**asked, "ctx": watching}, **QUICK, **more)
    assert [(value, most) for value, most, _ in shown] == [(1, 2), (2, 2)]
    pictures = [Image.open(io.BytesIO(picture)) for _, _, picture in shown if picture]
    assert pictures
    assert all(picture.width > SIZE[0] and picture.height == SIZE[1] for picture in pictures)


def test_all_weights_of_a_model_can_learn_and_their_difference_be_saved(asked):
    given = train_model(**asked, steps=1)
    assert len(given.MODEL.patches) == 1
    data = diffusion.loras.writing.file_of(diffusion.loras.lora.from_value(given.DIFFERENCE), "kohya")
    assert len(data) > 0.9 * asked["model"].nbytes


# In runs of the engine

TEXT = {"clip": "@load.CLIP"}
WORKFLOW = document(
    load=("CheckpointLoaderSimple", {"ckpt_name": "tiny"}),
    canvas=("EmptyLatentImage", {"width": 64, "height": 64, "batch_size": 3}),
    caption=("CLIPTextEncode", {"text": "a red cat", **TEXT}),
    train=(
        "TrainLoraNode",
        {**QUICK, "steps": 4, "model": "@load.MODEL", "latents": "@canvas.LATENT", "positive": "@caption.CONDITIONING"},
    ),
)


def run(home, stop_at=0, on_step=lambda _: None):
    """Runs the workflow in an engine of its own, as after a restart -> (the outcome, the steps that it made)."""
    registry, token, steps = Registry(), CancelToken(), []
    nodes.add_to(registry)

    def listen(event):
        if isinstance(event, NodeProgressed) and event.node == "train":
            steps.append(int(event.value))
            on_step(int(event.value))
            if event.value == stop_at:
                token.cancel()

    roots = {"checkpoints": [home / "checkpoints"], "loras": [home / "loras"], "unfinished": [home / "unfinished"]}
    with Engine(registry, Files(roots)) as engine:
        return engine.run(WORKFLOW, ["train"], listener=listen, token=token), steps


@pytest.fixture
def home(tmp_path, files):
    (tmp_path / "checkpoints").symlink_to(files.roots["checkpoints"][0], target_is_directory=True)
    return tmp_path


@pytest.fixture(scope="module")
def undisturbed(files, tmp_path_factory):
    home = tmp_path_factory.mktemp("undisturbed")
    (home / "checkpoints").symlink_to(files.roots["checkpoints"][0], target_is_directory=True)
    return tensors(run(home)[0])


def tensors(outcome):
    assert outcome.status == "finished", outcome.problems
    layers = outcome.values["train"]["LORA"]["layers"]["denoiser"]
    return [part for change in layers.values() for part in change.values() if torch.is_tensor(part)]


def same(first, second):
    return len(first) == len(second) > 0 and all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_cancelling_keeps_what_was_learnt_and_the_next_run_goes_on(home, undisturbed):
    outcome, steps = run(home, stop_at=2)
    assert (outcome.status, steps) == ("cancelled", [1, 2])
    assert "after step 2" in str(outcome.warnings["train"])
    outcome, steps = run(home)
    assert steps == [3, 4]
    assert "went on from step 2 of 4" in str(outcome.warnings["train"])
    assert same(tensors(outcome), undisturbed)


def test_the_same_graph_is_not_trained_again_after_a_restart(home, undisturbed):
    assert run(home)[1] == [1, 2, 3, 4]
    outcome, steps = run(home)
    assert steps == []
    assert not outcome.warnings
    assert same(tensors(outcome), undisturbed)


@pytest.mark.process
@pytest.mark.long
def test_a_killed_process_goes_on_to_the_same_result(home, undisturbed):
    code = f"""
import os, pathlib, signal
from diffusion.training import checkpoint
from tests.nodes.test_training import run
checkpoint.Checkpoint.is_due = lambda self: True
run(pathlib.Path({str(home)!r}), on_step=lambda step: step == 3 and os.kill(os.getpid(), signal.SIGKILL))
"""
    killed = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == -signal.SIGKILL
    outcome, steps = run(home)
    assert steps == [4]
    assert same(tensors(outcome), undisturbed)
