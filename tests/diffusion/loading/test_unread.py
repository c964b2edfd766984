"""Tensors that nobody reads and nobody expects are told of when a file is loaded; what files usually carry is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file

from diffusion.loading import load_checkpoint, load_denoiser, load_text_encoders, load_vae
from tests.support import tiny_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.tiny_files import Painter

pytestmark = pytest.mark.network
ONE = torch.zeros(1)


@pytest.fixture(scope="module")
def flux() -> Painter:
    return tiny_files.painter("flux", words=520, guidance=True)


@pytest.fixture(scope="module")
def small() -> Painter:
    return tiny_files.painter("sd1", words=8)


@pytest.mark.long
def test_of_files_with_nothing_but_their_weights_nothing_is_told(flux: Painter, small: Painter, tmp_path: Path) -> None:
    told: list[str] = []
    for role in flux.modules:
        tiny_files.split_file(tmp_path / f"{role}.safetensors", flux, role)
    tiny_files.all_in_one(tmp_path / "whole.safetensors", flux)
    old = tiny_files.all_in_one(
        tmp_path / "old.safetensors", small, betas=ONE, **{"model_ema.decay": ONE, "alphas_cumprod": ONE}
    )
    places = [tmp_path / "whole.safetensors", old, tiny_files.folder(tmp_path / "folder", small)]
    for place in places:
        load_checkpoint(place, device="cpu", on_notice=told.append)
    for place in (tmp_path / "whole.safetensors", tmp_path / "denoiser.safetensors", tmp_path / "folder"):
        load_denoiser(place, device="cpu", on_notice=told.append)
    for place in (tmp_path / "whole.safetensors", tmp_path / "vae.safetensors", tmp_path / "folder"):
        load_vae(place, device="cpu", on_notice=told.append)
    texts = [tmp_path / f"{role}.safetensors" for role in ("clip_l", "t5xxl")]
    load_text_encoders(texts, "flux", device="cpu", on_notice=told.append)
    assert told == []


def test_strange_tensors_are_counted_and_the_first_are_named(small: Painter, tmp_path: Path) -> None:
    told: list[str] = []
    more = {f"extra.{number}": ONE for number in range(5)}
    load_checkpoint(
        tiny_files.all_in_one(tmp_path / "a.safetensors", small, **more), device="cpu", on_notice=told.append
    )
    (words,) = told
    assert words.startswith("nobody reads 5 tensors of ")
    assert words.endswith('a.safetensors: "extra.0", "extra.1", "extra.2" and 2 more')


@pytest.mark.parametrize("role", ["denoiser", "vae", "clip_l"])
def test_they_are_told_of_in_parts_too(role: str, small: Painter, tmp_path: Path) -> None:
    told: list[str] = []
    tensors = {**tiny_files.file_tensors(small, role), "extra.weight": ONE}
    path = tiny_files.write(tmp_path / "part.safetensors", tensors)
    if role == "denoiser":
        load_denoiser(path, device="cpu", on_notice=told.append)
    elif role == "vae":
        load_vae(path, device="cpu", on_notice=told.append)
    else:
        load_text_encoders([path], "sd1", device="cpu", on_notice=told.append)
    (words,) = told
    assert words.startswith("nobody reads a tensor of the weights of the ")
    assert words.endswith('part.safetensors: "extra.weight"')


@pytest.mark.parametrize(("part", "file"), [("unet", "diffusion_pytorch_model"), ("text_encoder", "model")])
def test_a_folder_with_weights_of_another_network_beside_its_own_says_so(
    part: str, file: str, small: Painter, tmp_path: Path
) -> None:
    told: list[str] = []
    folder = tiny_files.folder(tmp_path / "folder", small)
    path = folder / part / f"{file}.safetensors"
    tiny_files.write(path, {**load_file(path), "extra.weight": ONE})
    load_checkpoint(folder, device="cpu", on_notice=told.append)
    (words,) = told
    assert words.endswith(f'folder/{part}: "extra.weight"')
