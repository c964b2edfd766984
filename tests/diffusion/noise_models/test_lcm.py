"""Latent consistency models: few levels, and a prediction that is bound to x at the clean end."""

from __future__ import annotations

import pytest
import torch

from diffusion.noise_models import LcmNoise, discrete_noise
from diffusion.schedules import sigmas_for

WHOLE = discrete_noise()
LCM = LcmNoise.of(WHOLE)


def test_every_twentieth_step_was_distilled_and_the_network_counts_all_of_them() -> None:
    assert len(LCM.sigmas) == 50
    assert [LCM.timestep(sigma) for sigma in LCM.sigmas[-3:]] == pytest.approx([959, 979, 999])
    assert LCM.sigma_max == WHOLE.sigma_max


def test_its_schedules_stay_on_distilled_steps() -> None:
    levels = sigmas_for("simple", LCM, 5)[:-1]
    assert [LCM.timestep(sigma) for sigma in levels] == pytest.approx([999, 799, 599, 399, 199], abs=1e-2)


def test_the_prediction_is_free_in_noise_and_bound_to_x_without() -> None:
    x, output = torch.tensor([2.0]), torch.tensor([0.5])
    assert torch.allclose(LCM.x0(x, output, WHOLE.sigma_max), WHOLE.x0(x, output, WHOLE.sigma_max), rtol=1e-4)
    # At step 0 the network has no say: c_skip is 1 and c_out 0.
    assert torch.equal(LCM.x0(x, output, WHOLE.sigma_min), x)


def test_percent_and_time_are_those_of_the_undistilled_model() -> None:
    assert LCM.sigma_at(0.3) == WHOLE.sigma_at(0.3)
    assert LCM.sigma(123.0) == WHOLE.sigma(123.0)
