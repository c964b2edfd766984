"""Sentences about files fit into other sentences."""

import pytest

from commands.model_library.words import in_a_list, with_article


@pytest.mark.parametrize(("name", "text"), [("VAE", "a VAE"), ("image encoder", "an image encoder")])
def test_kinds_have_their_article(name, text):
    assert with_article(name) == text


@pytest.mark.parametrize(
    ("sentence", "part"),
    [("It is too old.", "it is too old"), ("VAE of another kind.", "VAE of another kind"), ("", "")],
)
def test_a_sentence_becomes_a_part_of_a_list(sentence, part):
    assert in_a_list(sentence) == part
