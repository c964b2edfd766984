"""CLIP's tokenizer from the bundled vocabulary."""

from __future__ import annotations

import pytest

from diffusion.tokenizers.clip import clip_tokenizer


def test_the_vocabulary_is_clip_s() -> None:
    tokens = clip_tokenizer("clip_l")
    assert len(tokens) == 49_408
    assert tokens("a photo of a cat").input_ids == [49406, 320, 1125, 539, 320, 2368, 49407]
    assert tokens("A  Photo\nof a CAT").input_ids == tokens("a photo of a cat").input_ids
    assert tokens("").input_ids == [49406, 49407]
    assert tokens.model_max_length == 77


def test_letters_of_every_script_are_cut_into_bytes_at_worst() -> None:
    tokens = clip_tokenizer("clip_l")
    for text in ("日本語", "текст", "naïve café", "\U0001f98a", "x's don't 123 !?"):
        ids = tokens(text, add_special_tokens=False).input_ids
        assert max(ids) < 49_406
        assert tokens.decode(ids).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(("role", "fill"), [("clip_l", 49_407), ("clip_g", 0), ("clip_h", 0)])
def test_the_openclips_fill_up_with_zero(role: str, fill: int) -> None:
    tokens = clip_tokenizer(role)
    ids = tokens("a cat", padding="max_length", max_length=77).input_ids
    assert ids == [49406, 320, 2368, 49407, *[fill] * 73]
    assert (tokens.bos_token_id, tokens.eos_token_id) == (49406, 49407)
