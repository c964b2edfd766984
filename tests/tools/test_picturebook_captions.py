"""Captions name what is drawn, and the tokenizer of the bundled model has one token for each of their words."""

import numpy as np
import pytest

from tools.picturebook import tokenizer
from tools.picturebook.captions import COLOUR_WORDS, NOUNS, PLACES, TAGS, all_words, caption, vocabulary
from tools.picturebook.dataset import scene_of
from tools.picturebook.draw import Scene


@pytest.fixture(scope="module")
def words():
    return tokenizer.build()


def captions(scene, count=60):
    rng = np.random.default_rng(0)
    return [caption(scene, rng) for _ in range(count)]


def test_every_caption_names_the_subject():
    for index in range(200):
        scene = scene_of(index)
        text = caption(scene, np.random.default_rng(index))
        assert any(noun in text for noun in NOUNS[scene.subject]), text


def test_most_captions_name_an_unusual_colour_and_never_another_one():
    texts = captions(Scene("cat", "purple", "beach"))
    named = [any(word in text for word in COLOUR_WORDS["purple"]) for text in texts]
    assert sum(named) / len(named) > 0.85
    assert not any(set(all_words(text)) & {"red", "blue", "yellow", "grey", "black"} for text in texts)


def test_most_captions_name_the_setting():
    texts = captions(Scene("car", "red", "desert"))
    named = [any(wording in text for wording in (*PLACES["desert"], *TAGS["desert"])) for text in texts]
    assert sum(named) / len(named) > 0.85


def test_articles_fit_the_next_word():
    texts = captions(Scene("boat", "orange", "sea"), 200)
    assert any("an orange" in text for text in texts)
    assert not any("a orange" in text for text in texts)


def test_every_caption_word_is_one_token(words):
    ids = words(vocabulary(), add_special_tokens=False).input_ids
    assert [word for word, tokens in zip(vocabulary(), ids, strict=True) if len(tokens) != 1] == []


def test_captions_use_no_other_words():
    known = set(vocabulary())
    for index in range(300):
        text = caption(scene_of(index), np.random.default_rng(index))
        assert set(all_words(text)) <= known, text


def test_the_tokenizer_frames_and_pads_like_stable_diffusion_1(words):
    ids = words("a red house", padding="max_length").input_ids
    assert len(ids) == words.model_max_length == 77
    assert ids[0] == words.bos_token_id
    assert set(ids[4:]) == {words.eos_token_id} == {words.pad_token_id}


def test_unknown_words_fall_into_pieces_without_losing_a_letter(words):
    pieces = words.tokenize("Zugspitze!")
    assert "".join(pieces).replace("</w>", "") == "zugspitze!"
