"""Guidance and regional prompts, with a denoiser that answers with the first number of its context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from diffusion import conditioning as c
from diffusion.guidance import Guidance
from diffusion.latents import empty
from diffusion.regions import regions
from diffusion.sample import sample

if TYPE_CHECKING:
    from diffusion.models import Checkpoint

SIZE = (1, 4, 16, 16)


def cond(value: float, tokens: int = 77, width: int = 32, **settings: Any) -> c.Conditioning:
    return [[torch.full((1, tokens, width), value), {"pooled_output": torch.full((1, width), value), **settings}]]


def predict(
    model: Any, positive: c.Conditioning, negative: c.Conditioning, cfg: float = 1.0, sigma: float = 1.0
) -> Any:
    x = torch.zeros(SIZE)
    calls: list[int] = []

    def answer(part: torch.Tensor, _sigma: float, context: torch.Tensor) -> torch.Tensor:
        calls.append(part.shape[0])
        return torch.zeros_like(part) + context[:, :1, :1, None]

    guidance = Guidance(answer, regions(positive, model, x, "positive"), regions(negative, model, x, "negative"), cfg)
    return guidance(x, sigma), calls


@pytest.fixture
def model(checkpoint: Checkpoint) -> Any:
    return checkpoint.model


def test_guidance_goes_past_the_prompt_away_from_the_negative(model: Any) -> None:
    x0, calls = predict(model, cond(2.0), cond(1.0), cfg=3.0)
    assert torch.equal(x0, torch.full(SIZE, 4.0))
    assert calls == [2]


def test_without_guidance_the_negative_is_not_computed(model: Any) -> None:
    x0, calls = predict(model, cond(2.0), cond(1.0), cfg=1.0)
    assert torch.equal(x0, torch.full(SIZE, 2.0))
    assert calls == [1]


def test_combined_prompts_are_averaged_by_strength(model: Any) -> None:
    both = c.combine(c.set_strength(cond(1.0), 3.0), cond(5.0))
    x0, calls = predict(model, both, [])
    assert torch.allclose(x0, torch.full(SIZE, 2.0))
    assert calls == [2]


@pytest.mark.parametrize(("tokens", "calls"), [(154, [2]), (77 * 4, [2]), (77 * 5, [1, 1])])
def test_prompts_of_different_length_share_a_pass_while_repeating_is_cheap(
    model: Any, tokens: int, calls: list[int]
) -> None:
    assert predict(model, cond(2.0, tokens), cond(1.0), cfg=3.0)[1] == calls


def test_an_area_covers_its_rectangle_and_fades_at_its_inner_edges(model: Any) -> None:
    left = c.set_area(cond(2.0), width=64, height=128, x=0, y=0)
    x0, calls = predict(model, c.combine(cond(0.0), left), [])
    row = x0[0, 0, 8]
    assert row[0] == pytest.approx(1.0)
    assert torch.equal(row[8:], torch.zeros(8))
    assert row[:8].tolist() == sorted(row[:8].tolist(), reverse=True)
    assert sorted(calls) == [1, 1]
    percent = c.set_area_percentage(cond(2.0), width=0.5, height=1.0, x=0.0, y=0.0)
    assert torch.equal(predict(model, c.combine(cond(0.0), percent), [])[0], x0)


def test_a_mask_covers_what_it_covers(model: Any) -> None:
    mask = torch.zeros(1, 16, 16)
    mask[:, :, :8] = 1.0
    for bounds in ("default", "mask bounds"):
        masked = c.combine(c.set_mask(cond(2.0), mask, set_cond_area=bounds), c.set_mask(cond(4.0), 1 - mask))
        x0, _ = predict(model, masked, [])
        assert torch.allclose(x0[0, 0, 0], torch.tensor([2.0] * 8 + [4.0] * 8))


def test_a_prompt_for_a_part_of_the_run_is_silent_in_the_others(model: Any) -> None:
    early, late = c.set_timestep_range(cond(1.0), 0.0, 0.5), c.set_timestep_range(cond(3.0), 0.5, 1.0)
    noise = model.noise_model
    assert predict(model, c.combine(early, late), [], sigma=noise.sigma_max)[0][0, 0, 0, 0] == 1.0
    assert predict(model, c.combine(early, late), [], sigma=noise.sigma_min)[0][0, 0, 0, 0] == 3.0
    assert predict(model, late, cond(7.0), cfg=2.0, sigma=noise.sigma_max)[0][0, 0, 0, 0] == 7.0


def test_a_short_memory_makes_the_sides_run_one_after_the_other(model: Any) -> None:
    sizes: list[int] = []

    def narrow(part: torch.Tensor, _sigma: float, context: torch.Tensor) -> torch.Tensor:
        sizes.append(part.shape[0])
        if part.shape[0] > 1:
            raise torch.OutOfMemoryError
        return torch.zeros_like(part) + context[:, :1, :1, None]

    x = torch.zeros(SIZE)
    sides = regions(cond(2.0), model, x, "positive"), regions(cond(1.0), model, x, "negative")
    guidance = Guidance(narrow, *sides, 3.0)
    assert torch.equal(guidance(x, 1.0), torch.full(SIZE, 4.0))
    guidance(x, 1.0)
    assert sizes == [2, 1, 1, 1, 1]


def test_repeating_tokens_does_not_change_what_the_real_model_paints(
    checkpoint: Checkpoint, prompts: tuple[c.Conditioning, c.Conditioning]
) -> None:
    def paint(negative: c.Conditioning) -> torch.Tensor:
        settings = {"seed": 1, "steps": 2, "cfg": 4.0, "sampler_name": "euler", "scheduler": "normal"}
        samples: torch.Tensor = sample(checkpoint.model, prompts[0], negative, empty(64, 64), **settings)["samples"]
        return samples

    twice = c.concat(prompts[1], prompts[1])
    assert torch.allclose(paint(twice), paint(prompts[1]), rtol=1e-3, atol=1e-3)
