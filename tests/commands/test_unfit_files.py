"""A file that a loader cannot load is refused before anything runs, by the check and by a run."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Answer
from tests.commands.test_wrong_workflows import GOOD
from tests.support.headers import shapes
from tests.support.sparse_files import write_plain


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Folders in which every file lies where it does not belong."""
    place = tmp_path / "models"
    for kind in ("checkpoints", "diffusion_models", "text_encoders", "vae"):
        (place / kind).mkdir(parents=True)
    write_plain(place / "checkpoints/flux1-dev.safetensors", shapes("flux1-dev"), "BF16")
    write_plain(place / "checkpoints/lora.safetensors", {"lora_unet_a.lora_down.weight": (4, 8)})
    write_plain(place / "diffusion_models/ae.safetensors", shapes("vae-flux"))
    write_plain(place / "text_encoders/ae.safetensors", shapes("vae-flux"))
    whole = write_plain(place / "vae/cut.safetensors", shapes("vae-flux"))
    with whole.open("rb+") as file:
        file.truncate(whole.stat().st_size - 1)
    (place / "checkpoints/old.ckpt").write_bytes(b"PK\x03\x04 and more")
    return place


CASES = {
    "a denoiser as a checkpoint": (
        "CheckpointLoaderSimple", {"ckpt_name": "flux1-dev.safetensors"},
        "holds only the denoiser of Flux.1", "diffusion model", "UNETLoader",
    ),
    "a LoRA as a checkpoint": (
        "CheckpointLoaderSimple", {"ckpt_name": "lora.safetensors"},
        "LoRA", "LoRA", "",
    ),
    "a VAE as a denoiser": (
        "UNETLoader", {"unet_name": "ae.safetensors"}, "is a VAE; expected a diffusion model", "VAE", "VAELoader",
    ),
    "a VAE as a text encoder": (
        "CLIPLoader", {"clip_name": "ae.safetensors"}, "is a VAE; expected a text encoder", "VAE", "VAELoader",
    ),
    "a damaged file": ("VAELoader", {"vae_name": "cut.safetensors"}, "cannot be used", "unknown", "again"),
    "a pickle": ("CheckpointLoaderSimple", {"ckpt_name": "old.ckpt"}, "cannot be used", "pickle", "convert"),
}  # fmt: skip
"""What is wrong -> the loader, its file, and words of message, got and remedy."""


def test_files_that_cannot_be_loaded_are_refused_before_a_run(
    models: Path, command: Callable[..., Answer], tmp_path: Path
) -> None:
    nodes = {case: {"type": node, "inputs": inputs} for case, (node, inputs, *_) in CASES.items()}
    file = tmp_path / "workflow.json"
    file.write_text(json.dumps({"jacquard": 1, "nodes": nodes}))
    targets = [word for case in CASES for word in ("--target", case)]
    answer = command("run", file, "--json", "--models-dir", models, *targets)
    assert answer.code == 2
    found = {problem["node"]: problem for problem in answer.lines[-1]["problems"]}
    assert list(found) == list(CASES)
    for case, (_, inputs, message, got, remedy) in CASES.items():
        ((socket, name),) = inputs.items()
        problem = found[case]
        assert (problem["code"], problem["socket"]) == ("file_unfit", socket)
        assert message in problem["message"]
        assert repr(name) in problem["message"]
        assert got in problem["got"]
        assert problem["expected"]
        assert remedy in problem["remedy"]


def test_the_check_refuses_them_too(models: Path, command: Callable[..., Answer], tmp_path: Path) -> None:
    document: dict[str, Any] = copy.deepcopy(GOOD)
    document["nodes"]["1"] = {"type": "VAELoader", "inputs": {"vae_name": "cut.safetensors"}}
    document["nodes"]["8"]["inputs"]["vae"] = {"from": ["1", "VAE"]}
    file = tmp_path / "workflow.json"
    file.write_text(json.dumps(document))
    (problem,) = command("check", file, "--json", "--models-dir", models).lines[0]["problems"]
    assert (problem["code"], problem["node"], problem["socket"]) == ("file_unfit", "1", "vae_name")
