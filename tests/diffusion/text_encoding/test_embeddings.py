"""Embeddings in prompts: vectors in the place of words, for each encoder its own."""

import pytest
import torch
from safetensors.torch import save_file

from diffusion.errors import DiffusionError
from diffusion.text_encoding import Embedding, Word, encode, read_embedding, tokenize
from diffusion.text_models import make_text_encoder
from tests.support import tiny_text_models

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def clip():
    return make_text_encoder("sd1", {"clip_l": tiny_text_models.clip(projects=False)})


@pytest.fixture(scope="module")
def pair():
    return make_text_encoder("sdxl", tiny_text_models.stack("sdxl", "clip_l", "clip_g"))


def word_vector(clip, word, role="clip_l"):
    """What the table of words says of a word, so that an embedding of it must read like the word itself."""
    part = clip.parts[role]
    (token,) = part.tokenizer(word, add_special_tokens=False)["input_ids"]
    return part.module.get_input_embeddings().weight[token].detach().clone()[None]


def named(clip, vectors, rest=""):
    return clip.with_words({"x": Word(Embedding("x", vectors), rest)})


def test_an_embedding_of_a_word_reads_like_the_word(clip):
    spoken = named(clip, {"": word_vector(clip, "cat")})
    for with_name, plain in (
        ("a red embedding:x dog", "a red cat dog"),
        ("(embedding:x:1.3) dog", "(cat:1.3) dog"),
        ("(red embedding:x)", "(red cat)"),
        ("embedding:x, red", "cat, red"),
        ("dog BREAK embedding:x", "dog BREAK cat"),
    ):
        found, wanted = encode(spoken, with_name), encode(clip, plain)
        torch.testing.assert_close(found[0][0], wanted[0][0], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(found[0][1]["pooled_output"], wanted[0][1]["pooled_output"], atol=1e-5, rtol=1e-5)


def test_several_vectors_are_several_words(clip):
    spoken = named(clip, {"clip_l": torch.cat([word_vector(clip, "red"), word_vector(clip, "cat")])})
    torch.testing.assert_close(encode(spoken, "a embedding:x dog")[0][0], encode(clip, "a red cat dog")[0][0])


def test_each_encoder_has_its_own_vectors_and_reads_nothing_without_any(pair):
    spoken = named(pair, {role: word_vector(pair, "cat", role) for role in ("clip_l", "clip_g")})
    torch.testing.assert_close(encode(spoken, "red embedding:x")[0][0], encode(pair, "red cat")[0][0])
    half = named(pair, {"": word_vector(pair, "cat")})
    found = encode(half, "red embedding:x")[0][0]
    width = tiny_text_models.WIDTHS["clip_l"]
    torch.testing.assert_close(found[..., :width], encode(pair, "red cat")[0][0][..., :width])
    torch.testing.assert_close(found[..., width:], encode(pair, "red")[0][0][..., width:])
    assert half.without(half.words["x"].embedding) == ["clip_g"]


def test_t5_reads_vectors_too():
    clip = make_text_encoder("flux", tiny_text_models.stack("flux", "clip_l", "t5xxl"))
    part = clip.parts["t5xxl"]
    tokens = part.tokenizer("cat", add_special_tokens=False)["input_ids"]
    vectors = part.module.encoder.get_input_embeddings().weight[tokens].detach().clone()
    spoken = named(clip, {"t5xxl": vectors})
    torch.testing.assert_close(encode(spoken, "embedding:x")[0][0], encode(clip, "cat")[0][0])


def test_what_is_left_out_and_what_stands_behind_a_name(clip):
    spoken = clip.with_words({"gone": Word(None), "x.": Word(Embedding("x", {"": word_vector(clip, "cat")}), ".")})
    assert torch.equal(encode(spoken, "red embedding:gone dog")[0][0], encode(clip, "red dog")[0][0])
    torch.testing.assert_close(encode(spoken, "red embedding:x.")[0][0], encode(clip, "red cat.")[0][0])


def test_without_any_words_it_is_text_like_any_other(clip):
    part = clip.parts["clip_l"]
    assert [token.id for token in tokenize(part, "embedding:x")[0]] == part.tokenizer(
        "embedding:x", add_special_tokens=False
    )["input_ids"]


def test_an_embedding_is_never_cut_in_two(clip):
    part = clip.parts["clip_l"]
    words = {"x": (torch.zeros(10, 32), "")}
    chunks = tokenize(part, "cat " * 70 + "embedding:x", words)
    assert [sum(token.vector is not None for token in chunk) for chunk in chunks] == [0, 10]
    with pytest.raises(DiffusionError, match="has 76 vectors; a prompt has room for 75"):
        tokenize(part, "embedding:x", {"x": (torch.zeros(76, 32), "")})


def test_the_table_of_words_is_as_it_was(clip):
    before = encode(clip, "!")[0][0]
    encode(named(clip, {"": torch.ones(1, 32)}), "embedding:x")
    assert torch.equal(encode(clip, "!")[0][0], before)
    assert not clip.parts["clip_l"].module.get_input_embeddings()._forward_hooks


def test_of_another_width_it_is_refused_with_both_widths(clip, pair):
    with pytest.raises(DiffusionError, match=r"vectors of the width 768; words of this model have 32 \(clip_l\)"):
        named(clip, {"": torch.zeros(1, 768)})
    with pytest.raises(DiffusionError, match=r"32 \(clip_l\), 40 \(clip_g\)"):
        named(pair, {"clip_l": torch.zeros(1, 33), "clip_g": torch.zeros(1, 33)})


@pytest.mark.parametrize(
    ("tensors", "roles"),
    [
        ({"emb_params": torch.ones(3, 768)}, {"": (3, 768)}),
        ({"<cat>": torch.ones(768)}, {"": (1, 768)}),
        ({"string_to_param.*": torch.ones(2, 1024)}, {"": (2, 1024)}),
        (
            {"clip_l": torch.ones(2, 768).half(), "clip_g": torch.ones(2, 1280).half()},
            {"clip_l": (2, 768), "clip_g": (2, 1280)},
        ),
    ],
)
def test_files_of_each_spelling(tmp_path, tensors, roles):
    save_file(tensors, tmp_path / "cat.safetensors")
    found = read_embedding(tmp_path / "cat.safetensors", "cat")
    assert {role: tuple(tensor.shape) for role, tensor in found.vectors.items()} == roles
    assert all(tensor.dtype == torch.float32 for tensor in found.vectors.values())


def test_what_is_none_is_refused(tmp_path):
    save_file({"emb_params": torch.full((1, 768), float("nan"))}, tmp_path / "nan.safetensors")
    with pytest.raises(DiffusionError, match="no numbers"):
        read_embedding(tmp_path / "nan.safetensors", "nan")
    save_file({"a.weight": torch.ones(3, 3)}, tmp_path / "a.safetensors")
    with pytest.raises(DiffusionError, match="cannot be used"):
        read_embedding(tmp_path / "a.safetensors", "a")
    (tmp_path / "b.pt").write_bytes(b"PK\x03\x04" + b"\x00" * 200)
    with pytest.raises(DiffusionError, match="cannot be used"):
        read_embedding(tmp_path / "b.pt", "b")
