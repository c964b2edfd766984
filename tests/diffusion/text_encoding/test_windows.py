"""Encoded prompts: chunks, weights, and the layer that is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from diffusion.errors import Cancelled, DiffusionError
from diffusion.text_encoding import encode, tokenize

if TYPE_CHECKING:
    from diffusion.models import Checkpoint
    from diffusion.text_models import TextEncoder

pytestmark = pytest.mark.network


@pytest.fixture
def clip(checkpoint: Checkpoint) -> TextEncoder:
    return checkpoint.clip


def embeds(clip: TextEncoder, text: str) -> torch.Tensor:
    tensor: torch.Tensor = encode(clip, text)[0][0]
    return tensor


def module(clip: TextEncoder) -> Any:
    return clip.parts["clip_l"].module


def raw(clip: TextEncoder, text: str) -> Any:
    ids = (
        clip.parts["clip_l"]
        .tokenizer(text, padding="max_length", max_length=77, truncation=True, return_tensors="pt")
        .input_ids
    )
    with torch.no_grad():
        return module(clip)(ids, output_hidden_states=True)


def test_a_plain_prompt_is_what_the_encoder_says(clip: TextEncoder) -> None:
    (entry,) = encode(clip, "a red cat")
    assert torch.equal(entry[0], raw(clip, "a red cat").last_hidden_state)
    assert torch.equal(entry[1]["pooled_output"], raw(clip, "a red cat").pooler_output)


def test_the_empty_prompt_has_one_window(clip: TextEncoder) -> None:
    assert embeds(clip, "").shape == (1, 77, 32)


def test_a_weight_moves_its_tokens_away_from_the_empty_prompt(clip: TextEncoder) -> None:
    plain, empty, heavy = embeds(clip, "cat dog"), embeds(clip, ""), embeds(clip, "(cat:1.5) dog")
    assert torch.allclose(heavy[0, 1], empty[0, 1] + 1.5 * (plain[0, 1] - empty[0, 1]), atol=1e-5)
    assert torch.allclose(heavy[0, 2:], plain[0, 2:], atol=1e-6)


def test_weight_zero_leaves_what_the_empty_prompt_has(clip: TextEncoder) -> None:
    assert torch.allclose(embeds(clip, "(cat:0)")[0, 1], embeds(clip, "")[0, 1], atol=1e-6)


def test_a_long_prompt_is_laid_out_in_windows(clip: TextEncoder) -> None:
    first, second = " ".join(["cat"] * 75), "dog"
    long = embeds(clip, f"{first} {second}")
    assert long.shape == (1, 154, 32)
    assert torch.allclose(long[:, :77], embeds(clip, first), atol=1e-5)
    assert torch.allclose(long[:, 77:], embeds(clip, second), atol=1e-5)


def test_pooled_output_is_that_of_the_first_window(clip: TextEncoder) -> None:
    pooled = encode(clip, " ".join(["cat"] * 76))[0][1]["pooled_output"]
    assert torch.allclose(pooled, encode(clip, " ".join(["cat"] * 75))[0][1]["pooled_output"], atol=1e-5)


def test_a_short_weighted_piece_is_not_cut_in_two(clip: TextEncoder) -> None:
    chunks = tokenize(clip.parts["clip_l"], " ".join(["cat"] * 73) + " (dog red dog:1.2)")
    assert [len(chunk) for chunk in chunks] == [73, 3]


def test_break_starts_a_window_even_inside_a_group(clip: TextEncoder) -> None:
    chunks = tokenize(clip.parts["clip_l"], "(cat BREAK dog:1.2) red")
    assert [[token.weight for token in chunk] for chunk in chunks] == [[1.2], [1.2, 1.0]]
    assert len(tokenize(clip.parts["clip_l"], "BREAK BREAK cat BREAK")) == 1


def test_an_earlier_layer_is_read_through_the_final_norm(clip: TextEncoder) -> None:
    early = embeds(clip.with_stop_at_layer(-2), "a red cat")
    with torch.no_grad():
        expected = module(clip).final_layer_norm(raw(clip, "a red cat").hidden_states[-2])
    assert torch.equal(early, expected)
    assert torch.equal(embeds(clip.with_stop_at_layer(-1), "a red cat"), embeds(clip, "a red cat"))


def test_stopping_earlier_makes_a_new_handle_on_the_same_weights(clip: TextEncoder) -> None:
    early = clip.with_stop_at_layer(-3)
    assert module(early) is module(clip)
    assert clip.stop_at_layer is None
    assert early.nbytes == clip.nbytes > 0


@pytest.mark.parametrize("layer", [0, 1, -4, -24])
def test_a_layer_that_is_not_there_is_refused(clip: TextEncoder, layer: int) -> None:
    with pytest.raises(DiffusionError, match=r"has 3 layers.*Use a value from -3 to -1") as caught:
        clip.with_stop_at_layer(layer)
    assert caught.value.input == "stop_at_clip_layer"


def test_what_comes_out_may_be_changed(clip: TextEncoder) -> None:
    assert not embeds(clip, "cat").is_inference()


def test_a_prompt_of_many_windows_is_encoded_a_few_at_a_time(clip: TextEncoder) -> None:
    window = " ".join(["cat"] * 75)
    calls: list[int] = []
    handle = module(clip).register_forward_pre_hook(lambda _, given: calls.append(given[0].shape[0]))
    try:
        long = embeds(clip, f"{window} " * 40)
    finally:
        handle.remove()
    assert calls == [16, 16, 8]
    assert long.shape == (1, 40 * 77, 32)
    assert torch.allclose(long[:, -77:], embeds(clip, window), atol=1e-5)


def test_encoding_a_long_prompt_can_be_cancelled(clip: TextEncoder) -> None:
    asked: list[None] = []

    def cancelled() -> bool:
        asked.append(None)
        return len(asked) == 2

    with pytest.raises(Cancelled):
        encode(clip, "cat " * 75 * 40, cancelled=cancelled)


@pytest.mark.long
def test_a_prompt_that_no_sampler_could_read_is_refused_with_its_length(clip: TextEncoder) -> None:
    with pytest.raises(DiffusionError, match=r"The prompt has 1,000,000 tokens in 13,334 parts; the limit is 400"):
        encode(clip, "cat " * 1_000_000)
