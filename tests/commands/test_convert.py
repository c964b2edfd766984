"""`convert`: from a pickle to a safetensors file, in a process of its own; the original is never changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

pytestmark = pytest.mark.process


@pytest.fixture
def pickled(tmp_path: Path) -> Path:
    weights = {"a.weight": torch.arange(12.0).reshape(3, 4), "b": torch.ones(2).half()}
    torch.save({"state_dict": weights, "global_step": 7}, tmp_path / "model.ckpt")
    return tmp_path / "model.ckpt"


def test_the_weights_stand_in_the_new_file_and_what_was_dropped_is_told(command: Any, pickled: Path) -> None:
    before = pickled.read_bytes()
    answer = command("convert", pickled, "--json")
    assert answer.code == 0, answer.err
    (told,) = answer.lines
    assert (told["tensors"], told["dropped"], told["not_loaded"]) == (2, ["global_step (int)"], [])
    weights = load_file(pickled.with_suffix(".safetensors"))
    assert torch.equal(weights["a.weight"], torch.arange(12.0).reshape(3, 4))
    assert weights["b"].dtype == torch.float16
    assert pickled.read_bytes() == before
    assert sorted(item.name for item in pickled.parent.iterdir() if item.is_file()) == [
        "model.ckpt",
        "model.safetensors",
    ]


def test_a_person_reads_what_was_written_and_dropped(command: Any, pickled: Path) -> None:
    answer = command("convert", pickled, "--output", pickled.parent / "new.safetensors")
    assert "2 tensors" in answer.out
    assert "dropped: global_step (int)" in answer.out


def test_a_file_that_is_there_is_kept_unless_told_otherwise(command: Any, pickled: Path) -> None:
    there = pickled.with_suffix(".safetensors")
    there.write_text("mine")
    answer = command("convert", pickled)
    assert answer.code == 2
    assert "is there already" in answer.err
    assert there.read_text() == "mine"
    assert command("convert", pickled, "--overwrite").code == 0
    assert len(load_file(there)) == 2


class RemovesAFile:
    """Removes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.remove, (str(self.path),)


def test_a_pickle_that_would_run_something_is_refused_and_leaves_nothing(command: Any, tmp_path: Path) -> None:
    (tmp_path / "victim").touch()
    torch.save({"a": torch.ones(1), "b": RemovesAFile(tmp_path / "victim")}, tmp_path / "evil.ckpt")
    answer = command("convert", tmp_path / "evil.ckpt", "--json")
    assert answer.code == 2
    (told,) = answer.lines
    assert "which no weight file needs" in told["error"]["message"]
    assert sorted(item.name for item in tmp_path.iterdir() if item.is_file()) == ["evil.ckpt", "victim"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gone.ckpt", "is not there"),
        ("folder.ckpt", "is not a plain file"),
        ("good.safetensors", "needs no conversion"),
        ("model.gguf", "needs no conversion"),
        ("text.ckpt", "is no pickled weight file"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_a_remedy(command: Any, tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "folder.ckpt").mkdir()
    for item in ("good.safetensors", "model.gguf", "text.ckpt"):
        (tmp_path / item).write_text("hello")
    answer = command("convert", tmp_path / name, "--output", tmp_path / "out.safetensors")
    assert answer.code == 2
    assert says in " ".join(answer.err.split())
    assert not (tmp_path / "out.safetensors").exists()
