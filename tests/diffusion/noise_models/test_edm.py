"""EDM: its preconditioning, beside that of diffusers' scheduler."""

from __future__ import annotations

import math

import diffusers
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusion.noise_models import EdmNoise


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@given(sigma=st.floats(0.002, 120))
def test_input_time_and_output_are_those_of_diffusers(prediction: str, sigma: float) -> None:
    theirs = diffusers.EDMEulerScheduler(sigma_data=0.5, prediction_type=prediction)
    ours, level = EdmNoise(prediction), torch.tensor(sigma)
    x, output = torch.tensor([0.4, -3.0]), torch.tensor([0.7, 0.1])
    assert torch.allclose(ours.scale_input(x, sigma), theirs.precondition_inputs(x, level), rtol=1e-4)
    assert torch.allclose(ours.x0(x, output, sigma), theirs.precondition_outputs(x, output, level), rtol=1e-4)
    assert ours.timestep(sigma) == pytest.approx(float(theirs.precondition_noise(level)), rel=1e-3, abs=1e-4)


@given(st.floats(0.002, 120))
def test_time_and_level_are_inverse(sigma: float) -> None:
    model = EdmNoise()
    assert model.sigma(model.timestep(sigma)) == pytest.approx(sigma)


def test_the_range_is_that_of_its_settings_and_percent_counts_through_it() -> None:
    model = EdmNoise(lowest=0.01, highest=100.0)
    assert (model.sigma_min, model.sigma_max) == pytest.approx((0.01, 100.0))
    assert (model.sigma_at(0.0), model.sigma_at(1.0)) == (math.inf, 0.0)
    assert model.sigma_at(0.5) == pytest.approx(1.0)
