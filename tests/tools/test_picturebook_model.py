"""The bundled model's folder: complete, small, offline, and in step with the scripts that made it."""

import json
from pathlib import Path

import pytest

from tools.picturebook.captions import vocabulary

MODEL = Path(__file__).resolve().parents[2] / "models" / "picturebook"
WEIGHTS = (
    "unet/diffusion_pytorch_model.safetensors",
    "vae/diffusion_pytorch_model.safetensors",
    "text_encoder/model.safetensors",
)


def test_weights_are_at_most_25_megabytes():
    assert sum((MODEL / file).stat().st_size for file in WEIGHTS) <= 25e6


@pytest.mark.parametrize("file", WEIGHTS)
def test_weights_are_half_precision(file):
    with (MODEL / file).open("rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
    assert {entry["dtype"] for name, entry in header.items() if name != "__metadata__"} <= {"F16", "I64"}


def test_the_index_names_the_parts_and_no_safety_checker():
    index = json.loads((MODEL / "model_index.json").read_text())
    assert index["_class_name"] == "StableDiffusionPipeline"
    assert index["requires_safety_checker"] is False
    assert index["safety_checker"] == [None, None]
    for part in ("unet", "vae", "text_encoder", "tokenizer", "scheduler"):
        assert (MODEL / part).is_dir()


def test_no_file_holds_a_path_of_the_machine_that_made_it():
    for file in MODEL.rglob("*"):
        if file.suffix in (".json", ".md"):
            assert "/work" not in file.read_text(), file


def test_every_caption_word_is_one_token_of_the_exported_tokenizer():
    from transformers import CLIPTokenizer

    words = CLIPTokenizer.from_pretrained(MODEL / "tokenizer", local_files_only=True)
    ids = words(vocabulary(), add_special_tokens=False).input_ids
    assert [word for word, tokens in zip(vocabulary(), ids, strict=True) if len(tokens) != 1] == []
