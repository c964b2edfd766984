"""Which files the folder of a component has its weights in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diffusion.errors import DiffusionError
from diffusion.weight_files.component_files import find_weights, read_json


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


def index(folder: Path, variant: str, *shards: str) -> None:
    name = f"model.safetensors.index{variant}.json"
    (folder / name).write_text(
        json.dumps({"weight_map": {f"{place}.weight": each for place, each in enumerate(shards)}})
    )


def found(folder: Path) -> list[str]:
    return [path.name for path in find_weights(folder, "model")]


def test_the_plain_file_comes_before_variants(tmp_path: Path) -> None:
    put(tmp_path, "model.fp16.safetensors")
    assert found(tmp_path) == ["model.fp16.safetensors"]
    put(tmp_path, "model.safetensors")
    assert found(tmp_path) == ["model.safetensors"]


def test_the_parts_that_an_index_tells_of(tmp_path: Path) -> None:
    parts = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    index(put(tmp_path, *parts), "", *parts, parts[0])
    assert found(tmp_path) == list(parts)


def test_an_index_whose_parts_were_not_downloaded_gives_way_to_that_of_a_variant(tmp_path: Path) -> None:
    index(tmp_path, "", "model-00001-of-00001.safetensors")
    index(put(tmp_path, "model.fp16-00001-of-00001.safetensors"), ".fp16", "model.fp16-00001-of-00001.safetensors")
    assert found(tmp_path) == ["model.fp16-00001-of-00001.safetensors"]


def test_a_part_that_is_not_there_is_named(tmp_path: Path) -> None:
    index(tmp_path, "", "model-00001-of-00001.safetensors")
    with pytest.raises(DiffusionError, match=r"has no model-00001-of-00001.safetensors, which model.safetensors.index"):
        find_weights(tmp_path, "model")


@pytest.mark.parametrize("name", ["../secret.safetensors", "/etc/passwd", "a\\b", "a\0b", "..", ""])
def test_an_index_does_not_lead_out_of_its_folder(name: str, tmp_path: Path) -> None:
    index(tmp_path, "", name)
    with pytest.raises(DiffusionError, match="which is no file beside it"):
        find_weights(tmp_path, "model")


def test_pickles_are_named_and_nothing_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(DiffusionError, match=r"has no model.safetensors"):
        find_weights(tmp_path, "model")
    with pytest.raises(DiffusionError, match=r"pytorch_model.bin, a pickle"):
        find_weights(put(tmp_path, "pytorch_model.bin"), "model")


@pytest.mark.parametrize("text", ["[]", "{", "[" * 100_000])
def test_settings_that_are_no_object_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(DiffusionError, match=r"config.json"):
        read_json(path)
