"""A folder of more than twenty files of the field: each is listed for what it is, and each paints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.support import model_folder
from tests.support.model_folder import ENCODERS, VAES, Expected

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.long, pytest.mark.model]


def wire(node: str, output: str) -> dict[str, list[str]]:
    return {"from": [node, output]}


def workflow(item: Expected) -> dict[str, Any]:
    """A prompt painted in two steps with a file of the folder."""
    if item.kind == "checkpoint":
        load = {"load": {"type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": item.name}}}
        model = clip = vae = "load"
    else:
        names = ENCODERS[item.family]
        files = {f"clip_name{place}": name for place, name in enumerate(names, start=1)}
        many = {"type": "TripleCLIPLoader", "inputs": files}
        two = {"type": "DualCLIPLoader", "inputs": {**files, "type": item.family}}
        load = {
            "model": {"type": "UNETLoader", "inputs": {"unet_name": item.name, "weight_dtype": "default"}},
            "clip": two if len(names) == 2 else many,
            "vae": {"type": "VAELoader", "inputs": {"vae_name": VAES[item.family]}},
        }
        model, clip, vae = "model", "clip", "vae"
    prompts = {
        name: {"type": "CLIPTextEncode", "inputs": {"text": text, "clip": wire(clip, "CLIP")}}
        for name, text in (("yes", "a red cat"), ("no", ""))
    }
    sampler = {
        "model": wire(model, "MODEL"), "seed": 7, "steps": 2, "cfg": 1.0 if item.family == "flux" else 4.0,
        "sampler_name": "euler", "scheduler": "simple", "positive": wire("yes", "CONDITIONING"),
        "negative": wire("no", "CONDITIONING"), "latent_image": wire("canvas", "LATENT"), "denoise": 1.0,
    }  # fmt: skip
    nodes = {
        **load,
        **prompts,
        "canvas": {"type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "sample": {"type": "KSampler", "inputs": sampler},
        "picture": {"type": "VAEDecode", "inputs": {"samples": wire("sample", "LATENT"), "vae": wire(vae, "VAE")}},
        "save": {"type": "SaveImage", "inputs": {"images": wire("picture", "IMAGE"), "filename_prefix": "x"}},
    }
    return {"jacquard": 1, "nodes": nodes}


def test_each_file_is_listed_for_what_it_is_and_paints(command: Any, tmp_path: Path) -> None:
    models = tmp_path / "models"
    expected = model_folder.fill(models)
    assert len(expected) > 20
    (listed,) = command("models", "--json", "--models-dir", models).lines
    told = {(item["folder"], item["name"]): item for item in listed["models"]}
    for item in expected:
        found = told[item.folder, item.name]
        assert (found["kind"], found["precision"], found["problem"]) == (item.kind, item.precision, ""), item
        if item.family:
            assert (found["family"], found["variant"]) == (item.family, item.variant), item
    for item in expected:
        if item.paints:
            (tmp_path / "paint.json").write_text(json.dumps(workflow(item)))
            answer = command("run", tmp_path / "paint.json", "--models-dir", models, "--output", tmp_path / "painted")
            assert answer.code == 0, (item, answer.err)
            (picture,) = (tmp_path / "painted").glob("*.png")
            with Image.open(picture) as image:
                assert image.size == (64, 64), item
                assert len(image.convert("L").getcolors() or []) > 4, item  # more than one colour
            picture.unlink()
