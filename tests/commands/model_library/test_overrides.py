"""What a person sets for a file stays with it under any name, until it is taken back."""

from __future__ import annotations

import json
import shutil

import pytest

from commands.model_library import overrides as module
from commands.model_library.memory import Memory
from commands.model_library.overrides import Overrides, TooManyOverridesError


@pytest.fixture
def file(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"weights" * 100)
    return tmp_path / "a.safetensors"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "model-overrides.json"


def test_nothing_is_set_and_nothing_written_at_first(file, path):
    overrides = Overrides(path)
    assert overrides.of(file) == {}
    assert not overrides.are_there()
    assert not path.parent.exists()


def test_what_is_set_is_there_for_the_next_process_and_under_another_name(file, path, tmp_path):
    Overrides(path).set(file, {"kind": "checkpoint", "family": "sdxl", "variant": "v"})
    file.rename(tmp_path / "renamed.sft")
    (tmp_path / "sub").mkdir()
    shutil.copy(tmp_path / "renamed.sft", tmp_path / "sub" / "copy.safetensors")
    overrides = Overrides(path)
    for name in ("renamed.sft", "sub/copy.safetensors"):
        assert overrides.of(tmp_path / name) == {"kind": "checkpoint", "family": "sdxl", "variant": "v"}
    (tmp_path / "other").write_bytes(b"Weights" * 100)
    assert overrides.of(tmp_path / "other") == {}, "of the same size, and another one"
    assert overrides.of(tmp_path / "gone") == {}


def test_a_model_folder_can_have_one(path, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    overrides = Overrides(path)
    overrides.set(tmp_path / "model", {"kind": "vae"})
    assert overrides.of(tmp_path / "model") == {"kind": "vae"}


def test_a_change_of_another_process_is_seen_and_empty_values_take_it_back(file, path):
    one, other = Overrides(path), Overrides(path)
    one.set(file, {"kind": "lora", "family": ""})
    assert other.of(file) == {"kind": "lora"}
    other.set(file, {"kind": "vae"})
    assert one.of(file) == {"kind": "vae"}
    one.set(file, {"kind": "", "family": ""})
    assert one.of(file) == other.of(file) == {}
    assert json.loads(path.read_text())["files"] == {}


def test_of_files_of_other_sizes_nothing_is_read(file, path, tmp_path, monkeypatch):
    overrides = Overrides(path)
    overrides.set(file, {"kind": "lora"})
    (tmp_path / "b.safetensors").write_bytes(b"longer" * 1000)
    monkeypatch.setattr(module, "content_digest", lambda path: pytest.fail(f"{path} was read"))
    assert overrides.of(tmp_path / "b.safetensors") == {}
    assert overrides.of(file) == {"kind": "lora"}, "its digest is known"


def test_digests_are_kept_so_that_the_next_process_reads_no_file_for_them(file, path, tmp_path, monkeypatch):
    memory = Memory(tmp_path / "data" / "models.sqlite3")
    Overrides(path, memory).set(file, {"kind": "lora"})
    monkeypatch.setattr(module, "content_digest", lambda path: pytest.fail(f"{path} was read"))
    assert Overrides(path, memory).of(file) == {"kind": "lora"}
    memory.close()


@pytest.mark.parametrize("text", ["{", "[]", '{"files": 3}', "[" * 100_000], ids=["cut", "list", "number", "deep"])
def test_a_damaged_file_is_set_aside_and_made_anew(file, path, text):
    path.parent.mkdir()
    path.write_text(text)
    overrides = Overrides(path)
    assert overrides.of(file) == {}
    (aside,) = path.parent.glob("model-overrides.json.damaged-*")
    assert aside.read_text() == text
    overrides.set(file, {"kind": "lora"})
    assert overrides.of(file) == {"kind": "lora"}


def test_entries_that_make_no_sense_are_passed_over(file, path):
    Overrides(path).set(file, {"kind": "lora"})
    kept = json.loads(path.read_text())
    kept["files"] |= {"1": 3, "2": {"bytes": "x", "kind": "vae"}, "3": {"bytes": 3, "kind": 7}}
    path.write_text(json.dumps(kept))
    assert Overrides(path).of(file) == {"kind": "lora"}


def test_there_is_a_limit(file, path, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST", 1)
    overrides = Overrides(path)
    overrides.set(file, {"kind": "lora"})
    overrides.set(file, {"kind": "vae"})
    (tmp_path / "b").write_bytes(b"b")
    with pytest.raises(TooManyOverridesError, match="there are 1 overrides"):
        overrides.set(tmp_path / "b", {"kind": "lora"})
