"""Nodes of LoRAs: loading, using what was trained, saving; as nodes and in runs of the engine."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

import nodes
from commands.folders import find_files
from diffusion.errors import DiffusionError
from diffusion.loading import load_checkpoint
from diffusion.loras.changes import Difference
from diffusion.loras.lora import Lora, to_value
from diffusion.loras.writing import file_of
from diffusion.model_files.recognise import recognise
from graph.api import Files, NodeContext, NodeError, Registry, node
from graph.document import reader
from graph.engine import Engine
from graph.node_types.context import RunRecord
from nodes.loras import load_lora, load_lora_for_model, save_lora, use_lora
from nodes.types import LoraModel
from tests.support import tiny_models
from tests.support.loras import assert_untouched, for_module, snapshot

pytestmark = pytest.mark.network

ENDS = ("to_q", "conv1", "q_proj")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    tiny_models.write_checkpoint(home / "models" / "checkpoints" / "tiny")
    (home / "models" / "loras").mkdir()
    return home


@pytest.fixture(scope="module")
def checkpoint(home):
    return load_checkpoint(home / "models" / "checkpoints" / "tiny", device="cpu")


@pytest.fixture(scope="module")
def lora(checkpoint):
    denoiser = for_module(checkpoint.model.module, ends=ENDS).layers
    text = for_module(checkpoint.clip.parts["clip_l"].module, "clip_l", ends=ENDS).layers
    return Lora({**denoiser, **text}, "sd1")


@pytest.fixture
def ctx(home):
    files = find_files(home, home / "models", home / "output")
    return NodeContext(files, RunRecord("run-1"), report_warning=lambda text: warnings.append(text))


warnings = []


@pytest.fixture(autouse=True)
def _no_warnings():
    warnings.clear()


@pytest.fixture(scope="module")
def file(home, lora):
    (home / "models" / "loras" / "cat.safetensors").write_bytes(file_of(lora))
    return "cat.safetensors"


def test_a_lora_is_loaded_for_both_with_a_report(checkpoint, lora, file, ctx):
    weights = snapshot(checkpoint.model.module)
    model, clip, report = load_lora(
        model=checkpoint.model, clip=checkpoint.clip, lora_name=file, strength_model=0.5, strength_clip=-1.0, ctx=ctx
    )
    ((mine, half),), ((_, back),) = model.patches, clip.patches
    assert (half, back) == (0.5, -1.0)
    assert report == f"{file}: {len(lora.changes())} layers of the model changed."
    assert {part: set(changes) for part, changes in mine.layers.items()} == {
        part: set(changes) for part, changes in lora.layers.items()
    }
    assert warnings == []
    assert_untouched(checkpoint.model.module, weights)


def test_without_strength_nothing_is_done(checkpoint, file, ctx):
    model, clip, report = load_lora(
        model=checkpoint.model, clip=checkpoint.clip, lora_name=file, strength_model=0, strength_clip=0, ctx=ctx
    )
    assert model is checkpoint.model
    assert clip is checkpoint.clip
    assert "not used" in report
    model, clip, _ = load_lora(
        model=checkpoint.model, clip=checkpoint.clip, lora_name=file, strength_model=1, strength_clip=0, ctx=ctx
    )
    assert clip is checkpoint.clip
    assert len(model.patches) == 1


def test_the_model_alone_takes_its_part_alone(checkpoint, lora, file, ctx):
    model, report = load_lora_for_model(model=checkpoint.model, lora_name=file, ctx=ctx)
    assert list(model.patches[0][0].layers) == ["denoiser"]
    assert report.startswith(f"{file}: {len(lora.layers['denoiser'])} layers")


def test_what_was_not_used_is_warned_of_and_reported_with_reasons(home, checkpoint, file, ctx):
    tensors = load_file(home / "models" / "loras" / file)
    for number in range(6):
        tensors[f"lora_unet_nowhere_{number}.lora_down.weight"] = torch.ones(1, 32)
    save_file(tensors, home / "models" / "loras" / "odd.safetensors")
    _, report = load_lora_for_model(model=checkpoint.model, lora_name="odd.safetensors", ctx=ctx)
    (warning,) = warnings
    assert warning.startswith("6 of the layers of odd.safetensors were not used, ")
    assert '"lora_unet_nowhere_0" (the model has no such layer)' in warning
    assert "and 2 more" in warning
    assert report.count("the model has no such layer") == 6
    (home / "models" / "loras" / "odd.safetensors").unlink()


def test_a_lora_of_another_family_is_refused(home, checkpoint, lora, ctx):
    path = home / "models" / "loras" / "xl.safetensors"
    path.write_bytes(file_of(replace(lora, family="sdxl")))
    with pytest.raises(DiffusionError, match="made for Stable Diffusion XL") as caught:
        load_lora_for_model(model=checkpoint.model, lora_name="xl.safetensors", ctx=ctx)
    assert caught.value.input == "lora_name"
    path.unlink()


def test_what_was_trained_is_used_without_a_file(checkpoint, lora, ctx):
    model, report = use_lora(model=checkpoint.model, lora=to_value(lora), strength_model=0.5, ctx=ctx)
    assert model.patches[0][1] == 0.5
    assert report.startswith(f"The LoRA: {len(lora.layers['denoiser'])} layers")
    some = {**lora.layers["denoiser"], "nowhere": Difference(torch.ones(2))}
    use_lora(model=checkpoint.model, lora=to_value(Lora({"denoiser": some})), ctx=ctx)
    assert "denoiser: nowhere (the model has no such layer)" in warnings[0]


def test_a_saved_lora_can_be_chosen_at_once_and_is_never_overwritten(home, checkpoint, lora, ctx):
    save_lora(lora=to_value(lora), steps=30, ctx=ctx)
    save_lora(lora=to_value(lora), steps=30, ctx=ctx)
    save_lora(
        lora=to_value(lora),
        format="diffusers",
        prefix="loras/%KSampler.seed%/a",
        ctx=replace(ctx, words={"KSampler.seed": 7}),
    )
    saved = sorted(path.relative_to(home / "output").as_posix() for path in (home / "output").rglob("*.safetensors"))
    assert saved == [
        "loras/7/a_00001_.safetensors",
        "loras/ComfyUI_trained_lora_30_steps_00001_.safetensors",
        "loras/ComfyUI_trained_lora_30_steps_00002_.safetensors",
    ]
    assert {name.removeprefix("loras/") for name in saved} <= set(ctx.files.choices("loras"))
    for name in saved:
        assert recognise(home / "output" / name).kind == "lora"
        model, _ = load_lora_for_model(model=checkpoint.model, lora_name=name.removeprefix("loras/"), ctx=ctx)
        for path, change in model.patches[0][0].layers["denoiser"].items():
            weight = checkpoint.model.module.get_submodule(path).weight
            assert torch.equal(change.delta(weight), lora.layers["denoiser"][path].delta(weight))


def test_a_place_that_leads_out_is_refused(lora, ctx):
    with pytest.raises(NodeError, match="not a safe file name") as caught:
        save_lora(lora=to_value(lora), prefix="../a", ctx=ctx)
    assert caught.value.input == "prefix"


@pytest.fixture
def engine(home, lora):
    registry = Registry()
    nodes.add_to(registry)

    @node("Trained", category="test")
    def trained(scale: float = 1.0) -> LoraModel:
        """A LoRA."""
        return to_value(replace(lora, metadata={"scale": str(scale)}))

    registry.add(trained.__node_type__)
    files = find_files(home, home / "models", home / "output")
    with Engine(registry, Files(files.roots)) as engine:
        yield engine


def workflow(**of_lora):
    def node_of(kind, **inputs):
        return {"type": kind, "inputs": inputs}

    def out(name, socket):
        return {"from": [name, socket]}

    model, clip = (
        (out("lora", "MODEL"), out("lora", "CLIP")) if of_lora else (out("load", "MODEL"), out("load", "CLIP"))
    )
    found = {
        "load": node_of("CheckpointLoaderSimple", ckpt_name="tiny"),
        "words": node_of("CLIPTextEncode", text="a cat", clip=clip),
        "canvas": node_of("EmptyLatentImage", width=64, height=64),
        "end": node_of(
            "KSampler", model=model, steps=1, cfg=1.0, positive=out("words", "CONDITIONING"),
            negative=out("words", "CONDITIONING"), latent_image=out("canvas", "LATENT"),
        ),
    }  # fmt: skip
    if of_lora:
        found["lora"] = node_of("LoraLoader", model=out("load", "MODEL"), clip=out("load", "CLIP"), **of_lora)
    return {"jacquard": 1, "nodes": found}


def test_the_cache_tells_handles_apart(home, engine, lora, file):
    def run(**of_lora):
        outcome = engine.run(reader.from_json(workflow(**of_lora)), ["end"])
        assert outcome.status == "finished", [str(problem) for problem in outcome.problems]
        return outcome.values["end"]["LATENT"]["samples"]

    plain, full = run(), run(lora_name=file)
    half = run(lora_name=file, strength_model=0.5)
    text = run(lora_name=file, strength_clip=0.5)
    pictures = [plain, full, half, text]
    assert all(not torch.equal(one, other) for at, one in enumerate(pictures) for other in pictures[:at])
    assert torch.equal(run(lora_name=file), full)
    assert torch.equal(run(), plain)
    other = Lora({part: dict(list(changes.items())[:1]) for part, changes in lora.layers.items()}, "sd1")
    before = (home / "models" / "loras" / file).read_bytes()
    (home / "models" / "loras" / file).write_bytes(file_of(other))
    try:
        assert not torch.equal(run(lora_name=file), full)
    finally:
        (home / "models" / "loras" / file).write_bytes(before)


def test_a_workflow_of_the_field_saves_without_the_inputs_that_are_new(home, engine):
    document = {
        "jacquard": 1,
        "nodes": {
            "made": {"type": "Trained", "inputs": {}},
            "save": {
                "type": "SaveLoRANode",
                "inputs": {"lora": {"from": ["made", "LORA_MODEL"]}, "prefix": "loras/field"},
            },
        },
    }
    outcome = engine.run(reader.from_json(document), ["save"])
    assert outcome.status == "finished", [str(problem) for problem in outcome.problems]
    saved = home / "output" / "loras" / "field_00001_.safetensors"
    assert saved.is_file()
    assert [made.name for made in outcome.artifacts["save"]] == ["loras/field_00001_.safetensors"]
    saved.unlink()
    [again] = engine.run(reader.from_json(document), ["save"]).artifacts["save"]
    assert (home / "output" / again.name).is_file(), "a file that is gone is written again"
