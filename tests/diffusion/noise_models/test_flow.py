"""Flow: shares of picture and noise, the shift, and parts of runs."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusion.noise_models import FlowNoise

LATENT, NOISE = torch.tensor([0.5, -1.2]).double(), torch.tensor([0.3, 0.8]).double()


@given(st.floats(0, 1))
def test_a_perfect_prediction_gives_the_clean_latent(sigma: float) -> None:
    model = FlowNoise()
    x = model.add_noise(LATENT, NOISE, sigma)
    assert model.x0(x, NOISE - LATENT, sigma).tolist() == pytest.approx(LATENT.tolist())


def test_at_the_highest_level_there_is_nothing_but_noise() -> None:
    assert FlowNoise(3.0).sigma_max == 1.0
    assert torch.equal(FlowNoise().start(LATENT, NOISE, 1.0), NOISE)


@given(st.floats(0.01, 0.99))
def test_a_run_that_ends_with_noise_can_be_gone_on_with(sigma: float) -> None:
    model = FlowNoise()
    x = model.add_noise(LATENT, NOISE, sigma)
    handed_on = model.finish(x, sigma)
    assert model.start(handed_on, torch.zeros(2), sigma).tolist() == pytest.approx(x.tolist())


def test_a_run_that_ends_without_noise_is_handed_on_as_it_is() -> None:
    assert torch.equal(FlowNoise().finish(LATENT, 0.0), LATENT)


@pytest.mark.parametrize("mu", [0.5, 1.15])
def test_the_shift_of_flux_is_one_of_the_same_kind(mu: float) -> None:
    model = FlowNoise.of_log_shift(mu)
    for time in (0.1, 0.5, 0.9):
        assert model.sigma(time * 1000) == pytest.approx(math.exp(mu) / (math.exp(mu) + 1 / time - 1))


@given(st.floats(0, 1))
def test_the_network_is_told_the_level_after_the_shift(sigma: float) -> None:
    assert FlowNoise(3.0).timestep(sigma) == pytest.approx(1000 * sigma)


def test_percent_counts_from_noise_to_picture() -> None:
    model = FlowNoise(3.0)
    assert model.sigma_at(0.0) == math.inf
    assert model.sigma_at(0.5) == pytest.approx(0.75)
    assert model.sigma_at(1.0) == 0.0


def test_the_levels_rise_to_one_and_are_as_many_as_wanted() -> None:
    sigmas = FlowNoise(3.0, levels=10).sigmas
    assert len(sigmas) == 10
    assert sorted(sigmas) == sigmas.tolist()
    assert sigmas[4] == pytest.approx(0.75)
