"""Prompts that do not fit a network are refused in words, whatever family it is of."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from diffusion import conditioning as c
from diffusion.denoisers.prompt import for_batch
from diffusion.errors import DiffusionError
from diffusion.latents import empty
from diffusion.sample import sample
from tests.support import tiny_families

pytestmark = pytest.mark.network

by_name = pytest.mark.parametrize("kind", tiny_families.KINDS, ids=lambda kind: " ".join(kind).strip())
WITH_POOLED = [kind for kind in tiny_families.KINDS if kind[0] not in ("sd1", "sd2")]


def paint(model: Any, positive: c.Conditioning, side: int = 64, **more: Any) -> torch.Tensor:
    common = {"seed": 1, "steps": 2, "cfg": 1.0, "sampler_name": "euler", "scheduler": "normal"}
    samples: torch.Tensor = sample(model, positive, [], empty(side, side), **{**common, **more})["samples"]
    return samples


@by_name
def test_embeddings_of_another_text_encoder_are_refused(kind: tuple[str, str]) -> None:
    model = tiny_families.shared(*kind)
    (_, settings), *_ = tiny_families.prompt(model, seed=1)
    with pytest.raises(DiffusionError, match=r"text embeddings \[1, tokens, \d+\], got \[1, 7, 5\]") as caught:
        paint(model, [[torch.zeros(1, 7, 5), settings]])
    assert caught.value.input == "positive"
    assert str(caught.value).startswith(model.family.name)
    assert model.family.name in caught.value.remedy


@pytest.mark.parametrize("kind", WITH_POOLED, ids=lambda kind: " ".join(kind).strip())
@pytest.mark.parametrize(("pooled", "got"), [(None, "none"), (torch.zeros(1, 3), r"\[1, 3\]")])
def test_a_missing_or_odd_pooled_vector_is_refused(kind: tuple[str, str], pooled: Any, got: str) -> None:
    model = tiny_families.shared(*kind)
    prompt = c.set_values(tiny_families.prompt(model, seed=1), {"pooled_output": pooled})
    with pytest.raises(DiffusionError, match=rf"expects a pooled text embedding \[1, \d+\].*got {got}") as caught:
        paint(model, prompt)
    assert caught.value.input == "positive"


def test_guidance_that_is_told_to_the_network_changes_the_picture() -> None:
    model = tiny_families.shared("flux")
    prompt = tiny_families.prompt(model, seed=1)
    usual = paint(model, prompt)
    assert torch.equal(paint(model, c.set_values(prompt, {"guidance": 3.5})), usual)
    assert not torch.allclose(paint(model, c.set_values(prompt, {"guidance": 1.0})), usual)


def test_a_network_without_a_place_for_guidance_is_not_told_any() -> None:
    model = tiny_families.shared("flux", "schnell")
    prompt = tiny_families.prompt(model, seed=1)
    assert torch.equal(paint(model, c.set_values(prompt, {"guidance": 1.0})), paint(model, prompt))


def test_a_picture_that_is_larger_than_the_table_of_places_is_refused() -> None:
    model = tiny_families.shared("sd3")
    most = model.module.config.pos_embed_max_size * 16
    assert paint(model, tiny_families.prompt(model, seed=1), side=most).shape[-1] == most // 8
    with pytest.raises(DiffusionError, match=f"paints {most} pixels a side at most, not {most + 8} x {most + 8}"):
        paint(model, tiny_families.prompt(model, seed=1), side=most + 8)


def test_a_short_batch_is_repeated_and_a_long_one_cut() -> None:
    assert for_batch(torch.tensor([[1], [2]]), 3).tolist() == [[1], [2], [1]]
    assert for_batch(torch.tensor([[1], [2]]), 1).tolist() == [[1]]
