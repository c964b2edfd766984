"""Guidance and regional prompts, with a denoiser that answers with the first number of its context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from diffusion import conditioning as c
from diffusion.denoisers.contract import CONTEXT, Conditions
from diffusion.guidance import Guidance
from diffusion.latents import empty
from diffusion.regions import regions
from diffusion.sample import sample
from diffusion.start import Start

if TYPE_CHECKING:
    from diffusion.models import Checkpoint

pytestmark = pytest.mark.network

SIZE = (1, 4, 16, 16)


def cond(value: float, tokens: int = 77, width: int = 32, **settings: Any) -> c.Conditioning:
    return [[torch.full((1, tokens, width), value), {"pooled_output": torch.full((1, width), value), **settings}]]


class Answering:
    """Tells how many items each call has, and predicts the first number of their prompt."""

    def __init__(self, most: int = 100) -> None:
        self.calls: list[int] = []
        self.most = most

    def condition(self, embeds: torch.Tensor, settings: Any, start: Start, _name: str) -> Conditions:
        context = embeds.expand(start.latent.shape[0], -1, -1)
        return {CONTEXT: context, **settings.get("more", {})}

    def __call__(self, x: torch.Tensor, _sigma: float, conditions: Conditions) -> torch.Tensor:
        self.calls.append(x.shape[0])
        if x.shape[0] > self.most:
            raise torch.OutOfMemoryError
        return torch.zeros_like(x) + conditions[CONTEXT][:, :1, :1, None]


def guide(
    model: Any, denoiser: Answering, positive: c.Conditioning, negative: c.Conditioning, cfg: float, **settings: Any
) -> Guidance:
    start = Start(torch.zeros(SIZE), torch.zeros(SIZE), None, None)
    sides = ((positive, "positive"), (negative, "negative"))
    both = [regions(side, denoiser, model.noise_model, start, name) for side, name in sides]
    return Guidance(denoiser, *both, cfg, **{"repeats_context": True, **settings})


def predict(
    model: Any,
    positive: c.Conditioning,
    negative: c.Conditioning,
    cfg: float = 1.0,
    sigma: float = 1.0,
    **settings: Any,
) -> Any:
    denoiser = Answering()
    x0 = guide(model, denoiser, positive, negative, cfg, **settings)(torch.zeros(SIZE), sigma)
    return x0, denoiser.calls


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


def test_where_tokens_may_not_be_repeated_only_equally_long_prompts_share_a_pass(model: Any) -> None:
    assert predict(model, cond(2.0, 154), cond(1.0), cfg=3.0, repeats_context=False)[1] == [1, 1]
    assert predict(model, cond(2.0), cond(1.0), cfg=3.0, repeats_context=False)[1] == [2]


def test_prompts_that_are_told_unlike_things_are_predicted_apart(model: Any) -> None:
    more = {"more": {"picture": torch.zeros(1, 4)}}
    longer = {"more": {"picture": torch.zeros(1, 5)}}
    assert predict(model, cond(2.0, **more), cond(1.0, **more), cfg=3.0)[1] == [2]
    assert predict(model, cond(2.0, **more), cond(1.0), cfg=3.0)[1] == [1, 1]
    x0, calls = predict(model, cond(2.0, **more), cond(1.0, **longer), cfg=3.0)
    assert calls == [1, 1]
    assert torch.equal(x0, torch.full(SIZE, 4.0))


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
    narrow = Answering(most=1)
    guidance = guide(model, narrow, cond(2.0), cond(1.0), 3.0)
    assert torch.equal(guidance(torch.zeros(SIZE), 1.0), torch.full(SIZE, 4.0))
    guidance(torch.zeros(SIZE), 1.0)
    assert narrow.calls == [2, 1, 1, 1, 1]


def test_repeating_tokens_does_not_change_what_the_real_model_paints(
    checkpoint: Checkpoint, prompts: tuple[c.Conditioning, c.Conditioning]
) -> None:
    def paint(negative: c.Conditioning) -> torch.Tensor:
        settings = {"seed": 1, "steps": 2, "cfg": 4.0, "sampler_name": "euler", "scheduler": "normal"}
        samples: torch.Tensor = sample(checkpoint.model, prompts[0], negative, empty(64, 64), **settings)["samples"]
        return samples

    twice = c.concat(prompts[1], prompts[1])
    assert torch.allclose(paint(twice), paint(prompts[1]), rtol=1e-3, atol=1e-3)
