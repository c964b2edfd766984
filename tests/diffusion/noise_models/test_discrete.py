"""Noise levels, time steps and predictions."""

from __future__ import annotations

import math

import diffusers
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusion.errors import DiffusionError
from diffusion.noise_models import DiscreteNoise, from_scheduler_config

SD = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
MODEL = from_scheduler_config(SD)


def test_the_range_of_stable_diffusion() -> None:
    assert MODEL.sigma_min == pytest.approx(0.0292, abs=1e-4)
    assert MODEL.sigma_max == pytest.approx(14.6146, abs=1e-4)


@pytest.mark.parametrize(
    "config",
    [
        SD,
        {},
        {"beta_schedule": "squaredcos_cap_v2"},
        {**SD, "rescale_betas_zero_snr": True},
        {"trained_betas": [0.1, 0.2, 0.3], "num_train_timesteps": 3},
    ],
)
def test_the_levels_are_those_of_diffusers(config: dict[str, object]) -> None:
    alphas = diffusers.DDPMScheduler(**config).alphas_cumprod.double().numpy()[:-1]
    ours = from_scheduler_config(config).sigmas[:-1]
    assert ours == pytest.approx(np.sqrt((1 - alphas) / alphas), rel=2e-3)


def test_a_signal_to_noise_ratio_of_zero_is_kept_finite() -> None:
    assert 1000 < from_scheduler_config({**SD, "rescale_betas_zero_snr": True}).sigma_max < math.inf


@given(st.floats(0, 999))
def test_time_steps_and_levels_are_inverse(timestep: float) -> None:
    assert MODEL.timestep(MODEL.sigma(timestep)) == pytest.approx(timestep, abs=1e-6)


@given(st.floats(0, 1e6))
def test_any_level_has_a_trained_time_step(sigma: float) -> None:
    assert 0 <= MODEL.timestep(sigma) <= 999


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "sample"])
@given(sigma=st.floats(0.03, 14.6))
def test_a_perfect_prediction_gives_the_clean_latent(prediction: str, sigma: float) -> None:
    model = DiscreteNoise(prediction, MODEL.sigmas)
    x0, noise = torch.tensor([0.5, -1.2]).double(), torch.tensor([0.3, 0.8]).double()
    x = model.add_noise(x0, noise, sigma)
    a = 1 / (1 + sigma**2)
    outputs = {"epsilon": noise, "v_prediction": math.sqrt(a) * noise - math.sqrt(1 - a) * x0, "sample": x0}
    assert model.x0(x, outputs[prediction], sigma).tolist() == pytest.approx(x0.tolist())


def test_a_run_from_the_highest_level_starts_with_the_variance_of_a_noised_latent() -> None:
    latent, noise = torch.zeros(1), torch.ones(1)
    top = MODEL.sigma_max
    assert float(MODEL.start(latent, noise, top)) == pytest.approx(math.sqrt(1 + top**2))
    assert float(MODEL.start(latent, noise, 5.0)) == pytest.approx(5.0)


def test_percent_counts_from_noise_to_picture() -> None:
    assert MODEL.sigma_at(0.0) == math.inf
    assert MODEL.sigma_at(1.0) == 0.0
    assert MODEL.sigma_at(0.5) == pytest.approx(MODEL.sigma(499.5))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"prediction_type": "flow"}, "prediction type 'flow'"),
        ({"beta_schedule": "sigmoid"}, "beta schedule 'sigmoid'"),
    ],
)
def test_unknown_settings_are_refused(config: dict[str, str], message: str) -> None:
    with pytest.raises(DiffusionError, match=message):
        from_scheduler_config(config)
