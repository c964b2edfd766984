"""Where a tokenizer is looked for, and what is said when it is nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from diffusion.errors import DiffusionError
from diffusion.tokenizers import find_tokenizer, folder_tokenizer, tokenizer_folders
from diffusion.tokenizers.t5 import t5_from_sentencepiece
from tests.support import tiny_models

MODEL = (Path(__file__).parent / "data" / "tiny.spiece.model").read_bytes()


def test_clip_s_comes_with_the_program() -> None:
    assert len(find_tokenizer("clip_g", {})) == 49_408


def test_t5_s_is_taken_from_the_file_of_the_text_encoder(tmp_path: Path) -> None:
    (tmp_path / "t5xxl").mkdir()
    (tmp_path / "t5xxl" / "spiece.model").write_bytes(b"not looked at")
    assert len(find_tokenizer("t5xxl", {"spiece_model": MODEL}, [tmp_path])) == 400
    written = t5_from_sentencepiece(MODEL).backend_tokenizer.to_str().encode()
    assert len(find_tokenizer("t5xxl", {"tokenizer_json": written, "spiece_model": b"not looked at"})) == 400


@pytest.mark.parametrize("name", ["spiece.model", "tokenizer.json"])
def test_else_it_is_taken_from_a_folder_beside_the_models(tmp_path: Path, name: str) -> None:
    place = tmp_path / "models" / "tokenizers" / "t5xxl"
    place.mkdir(parents=True)
    written = t5_from_sentencepiece(MODEL).backend_tokenizer.to_str().encode()
    (place / name).write_bytes(MODEL if name == "spiece.model" else written)
    encoder = tmp_path / "models" / "text_encoders" / "large" / "t5xxl_fp16.safetensors"
    assert tokenizer_folders(encoder) == [tmp_path / "models" / "tokenizers"]
    assert len(find_tokenizer("t5xxl", {}, tokenizer_folders(encoder))) == 400


def test_when_it_is_nowhere_the_place_and_the_sources_are_named(tmp_path: Path) -> None:
    with pytest.raises(DiffusionError, match=r"models/tokenizers/t5xxl.*tokenizer_2 of FLUX\.1") as caught:
        find_tokenizer("t5xxl", {}, [tmp_path])
    assert "nothing is downloaded" in str(caught.value)


def test_a_folder_of_a_diffusers_checkpoint_gives_its_own(tmp_path: Path) -> None:
    tiny_models.tokenizer().save_pretrained(tmp_path / "tokenizer")
    assert len(folder_tokenizer("clip_l", tmp_path / "tokenizer")) == 520
    with pytest.raises(DiffusionError, match=r"neither tokenizer\.json nor spiece\.model"):
        folder_tokenizer("t5xxl", tmp_path / "nothing")
    with pytest.raises(DiffusionError, match="cannot be loaded"):
        folder_tokenizer("clip_l", tmp_path / "nothing")


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "spiece.model").open("wb") as file:
        file.truncate(65 * 2**20)
    with pytest.raises(DiffusionError, match="too large"):
        folder_tokenizer("t5xxl", tmp_path)
