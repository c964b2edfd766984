"""T5's tokenizer. `data/tiny.answers.json` holds texts and the tokens that sentencepiece 0.2.3 itself gives for
`data/tiny.spiece.model`, which has T5's first tokens, 300 pieces, and a table of a few characters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diffusion.errors import DiffusionError
from diffusion.tokenizers.asking import token_ids
from diffusion.tokenizers.t5 import t5_from_json, t5_from_sentencepiece

DATA = Path(__file__).parent / "data"
MODEL = (DATA / "tiny.spiece.model").read_bytes()
ANSWERS = json.loads((DATA / "tiny.answers.json").read_text(encoding="utf-8"))


def ids(tokens: Any, text: str) -> list[int]:
    (found,) = token_ids(tokens, [text])
    return found


def test_every_text_is_cut_as_sentencepiece_cuts_it() -> None:
    tokens = t5_from_sentencepiece(MODEL)
    assert len(ANSWERS) > 100
    assert [[text, ids(tokens, text)] for text, _ in ANSWERS] == ANSWERS


def test_the_special_tokens_are_t5_s() -> None:
    tokens = t5_from_sentencepiece(MODEL)
    assert (tokens.pad_token_id, tokens.eos_token_id, tokens.unk_token_id) == (0, 1, 2)
    assert tokens("a").input_ids[-1] == 1
    assert len(tokens) == 400
    assert tokens.convert_tokens_to_ids("<extra_id_0>") == 399


def test_a_tokenizer_json_gives_the_same() -> None:
    written = t5_from_sentencepiece(MODEL).backend_tokenizer.to_str().encode()
    tokens = t5_from_json(written)
    assert (tokens.pad_token_id, tokens.eos_token_id) == (0, 1)
    assert [[text, ids(tokens, text)] for text, _ in ANSWERS] == ANSWERS


def test_the_tokenizer_of_another_model_is_refused() -> None:
    with pytest.raises(DiffusionError, match="first tokens are <bos>"):
        t5_from_sentencepiece(MODEL.replace(b"<pad>", b"<bos>", 1))
    written = t5_from_sentencepiece(MODEL).backend_tokenizer.to_str().replace("<pad>", "<bos>")
    with pytest.raises(DiffusionError, match="first tokens are <bos>"):
        t5_from_json(written.encode())


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\xfe", b"[1]"])
def test_what_is_no_tokenizer_json_is_refused(data: bytes) -> None:
    with pytest.raises(DiffusionError, match="no tokenizer of T5"):
        t5_from_json(data)


def test_a_damaged_table_of_characters_is_read_or_refused_and_ends_nothing() -> None:
    refused = 0
    for place in range(len(MODEL) - 400, len(MODEL), 7):
        damaged = MODEL[:place] + bytes([MODEL[place] ^ 255]) + MODEL[place + 1 :]
        try:
            ids(t5_from_sentencepiece(damaged), "ﬁne ½")
        except DiffusionError:
            refused += 1
    assert refused > 0
