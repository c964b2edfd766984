"""T5's tokenizer from the metadata of a GGUF file cuts texts as that of the sentencepiece model does."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
import pytest

from diffusion.errors import DiffusionError
from diffusion.tokenizers.asking import token_ids
from diffusion.tokenizers.gguf_vocabulary import t5_in_gguf
from diffusion.tokenizers.sentencepiece_model import read_sentencepiece
from diffusion.tokenizers.t5 import t5_from_pieces
from diffusion.weight_files.header import LongArray
from diffusion.weight_files.reading import read_header

DATA = Path(__file__).parent / "data"
MODEL = read_sentencepiece((DATA / "tiny.spiece.model").read_bytes())
ANSWERS = json.loads((DATA / "tiny.answers.json").read_text(encoding="utf-8"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the tokenizer as llama.cpp's converter writes it, with words that fill up the table."""
    path = tmp_path / "t5.gguf"
    writer = gguf.GGUFWriter(path, "t5encoder")
    writer.add_tokenizer_model("t5")
    added = [(f"<extra_id_{number}>", -1000.0) for number in reversed(range(100))] + [("[PAD400]", -10000.0)]
    pieces = [*MODEL.pieces, *added]
    writer.add_token_list([text for text, _ in pieces])
    writer.add_token_scores([score for _, score in pieces])
    writer.add_precompiled_charsmap(MODEL.characters)
    writer.add_tensor("a", np.zeros(4, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_texts_are_cut_as_by_the_sentencepiece_model(path: Path) -> None:
    model = t5_in_gguf(read_header(path).metadata, memoryview(path.read_bytes()))
    assert model is not None
    assert model.characters == MODEL.characters
    assert [text for text, _ in model.pieces] == [text for text, _ in MODEL.pieces]
    tokens = t5_from_pieces(model)
    assert [[text, token_ids(tokens, [text])[0]] for text, _ in ANSWERS] == ANSWERS


def test_a_file_without_such_a_tokenizer_has_none(path: Path) -> None:
    metadata = dict(read_header(path).metadata)
    content = memoryview(path.read_bytes())
    assert t5_in_gguf({**metadata, "tokenizer.ggml.model": "llama"}, content) is None
    assert t5_in_gguf({}, content) is None


@pytest.mark.parametrize("name", ["tokens", "scores", "precompiled_charsmap"])
def test_an_array_that_is_something_else_or_ends_with_the_file_is_refused(name: str, path: Path) -> None:
    metadata, content = dict(read_header(path).metadata), memoryview(path.read_bytes())
    key = f"tokenizer.ggml.{name}"
    array = metadata[key]
    assert isinstance(array, LongArray)
    wrong = 6 if name == "tokens" else 8
    for spoiled in (array._replace(item_type=wrong), array._replace(length=1 << 20)):
        with pytest.raises(DiffusionError, match="tokenizer in the GGUF file cannot be read"):
            t5_in_gguf({**metadata, key: spoiled}, content)
