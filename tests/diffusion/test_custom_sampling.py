"""Sampling put together from parts gives what sampling in one call gives."""

from __future__ import annotations

import pytest
import torch

from diffusion.custom_sampling import (
    ChosenSampler,
    Guider,
    Noise,
    choose_sampler,
    noise_levels,
    sample_custom,
    split_levels,
    turbo_levels,
)
from diffusion.custom_sampling import starts_whole as whole
from diffusion.errors import DiffusionError
from diffusion.latents import empty
from diffusion.models import DiffusionModel
from diffusion.sample import sample
from tests.support import tiny_families

pytestmark = pytest.mark.network

EULER = ChosenSampler("euler")


@pytest.fixture(
    scope="module", params=[("sd1", ""), pytest.param(("sdxl", ""), marks=pytest.mark.long), ("flux", "")], ids="-".join
)
def model(request: pytest.FixtureRequest) -> DiffusionModel:
    return tiny_families.model(*request.param)


def test_the_parts_paint_what_one_call_paints(model: DiffusionModel) -> None:
    positive, negative = (tiny_families.prompt(model, seed=seed) for seed in (1, 2))
    sigmas = noise_levels(model, "normal", 4)
    done, clean = sample_custom(Guider(model, positive, negative, 3.0), Noise(5), EULER, sigmas, empty(64, 64))
    settings = {"seed": 5, "steps": 4, "sampler_name": "euler", "scheduler": "normal"}
    expected = sample(model, positive, negative, empty(64, 64), cfg=3.0, **settings)["samples"]
    assert torch.equal(done["samples"], expected)
    assert torch.allclose(clean["samples"], expected, atol=1e-4)
    alone, _ = sample_custom(Guider(model, positive), Noise(5), EULER, sigmas, empty(64, 64))
    assert torch.equal(
        alone["samples"], sample(model, positive, negative, empty(64, 64), cfg=1.0, **settings)["samples"]
    )


def test_a_run_that_ends_early_has_a_clean_prediction_beside_it(model: DiffusionModel) -> None:
    guider = Guider(model, tiny_families.prompt(model, seed=1))
    sigmas = noise_levels(model, "normal", 4)
    half, clean = sample_custom(guider, Noise(5), EULER, sigmas[:3], empty(64, 64))
    assert not torch.allclose(half["samples"], clean["samples"], atol=0.1)
    rest, _ = sample_custom(guider, Noise(0, is_added=False), EULER, sigmas[2:], half)
    at_once, _ = sample_custom(guider, Noise(5), EULER, sigmas, empty(64, 64))
    assert torch.allclose(rest["samples"], at_once["samples"], atol=1e-3)


def test_levels_of_less_denoising_are_the_last_of_a_longer_run(model: DiffusionModel) -> None:
    assert torch.equal(noise_levels(model, "normal", 3, 0.5), noise_levels(model, "normal", 6)[-4:])
    assert len(noise_levels(model, "normal", 3, 0.0)) == 0
    assert noise_levels(model, "simple", 3).dtype == torch.float32


def test_turbo_levels_are_ten_even_in_time_of_which_few_are_visited() -> None:
    model = tiny_families.model("sdxl")
    level = model.noise_model.sigma
    assert torch.allclose(turbo_levels(model, 2), torch.tensor([level(999), level(899), 0.0]))
    assert torch.allclose(turbo_levels(model, 1, 0.5), torch.tensor([level(499), 0.0]))
    assert len(turbo_levels(model, 10)) == 11
    assert turbo_levels(model, 10)[0] == pytest.approx(model.noise_model.sigma_max)
    assert turbo_levels(model, 3, 0.0).tolist() == [0.0]


def test_levels_are_split_at_a_step_that_both_parts_have(model: DiffusionModel) -> None:
    sigmas = noise_levels(model, "normal", 4)
    high, low = split_levels(sigmas, 3)
    assert torch.equal(high, sigmas[:4])
    assert torch.equal(low, sigmas[3:])
    assert [len(part) for part in split_levels(sigmas, 0)] == [1, 5]
    assert [len(part) for part in split_levels(sigmas, 99)] == [5, 0]


def test_a_run_begins_with_nothing_but_noise_at_the_highest_level(model: DiffusionModel) -> None:
    sigmas = noise_levels(model, "normal", 6)
    assert whole(model, sigmas)
    assert not whole(model, sigmas[3:])
    assert not whole(model, sigmas[:0])


def test_without_levels_the_latent_comes_back(model: DiffusionModel) -> None:
    latent = {"samples": tiny_families.latent(model, seed=1)}
    guider = Guider(model, tiny_families.prompt(model, seed=1))
    done, clean = sample_custom(guider, Noise(1), EULER, torch.zeros(0), latent)
    assert torch.equal(done["samples"], latent["samples"])
    assert torch.equal(clean["samples"], latent["samples"])


def test_each_step_is_reported(model: DiffusionModel) -> None:
    steps: list[tuple[int, int]] = []
    guider = Guider(model, tiny_families.prompt(model, seed=1))
    sigmas = noise_levels(model, "normal", 3)
    sample_custom(
        guider, Noise(1), EULER, sigmas, empty(64, 64), on_step=lambda step: steps.append((step.step, step.total))
    )
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_a_guider_counts_as_its_model(model: DiffusionModel) -> None:
    guider = Guider(model, [])
    assert (guider.nbytes, guider.weights) == (model.nbytes, model.weights)


def test_a_sampler_that_nobody_knows_is_refused() -> None:
    assert choose_sampler("heun") == ChosenSampler("heun")
    with pytest.raises(DiffusionError, match="no sampler 'leap'") as caught:
        choose_sampler("leap")
    assert caught.value.input == "sampler_name"
