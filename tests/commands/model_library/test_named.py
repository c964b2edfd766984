"""A checkpoint is found by its name or by its path."""

from __future__ import annotations

import pytest

from commands.model_library.named import find_checkpoint
from graph.files.folders import Files


def test_a_name_in_the_folders_of_models_comes_before_a_path(tmp_path):
    (tmp_path / "models" / "mine").mkdir(parents=True)
    files = Files({"checkpoints": [tmp_path / "models"], "tokenizers": [tmp_path]})
    found = find_checkpoint("mine", files)
    assert found.path == tmp_path / "models" / "mine"
    assert list(found.tokenizers) == [tmp_path]
    assert find_checkpoint("mine", Files({"diffusers": [tmp_path / "models"]})).path == found.path
    assert find_checkpoint(tmp_path / "models", files).path == tmp_path / "models"


def test_the_bundled_one_is_known_by_its_name():
    assert find_checkpoint("picturebook").path.is_dir()


def test_another_name_is_refused_with_the_known_ones(tmp_path):
    (tmp_path / "mine.safetensors").write_bytes(b"")
    files = Files({"checkpoints": [tmp_path]})
    with pytest.raises(FileNotFoundError, match=r"no checkpoint 'yours'; give one of 'mine\.safetensors', or the path"):
        find_checkpoint("yours", files)
