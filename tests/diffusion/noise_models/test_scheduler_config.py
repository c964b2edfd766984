"""Which noise model a folder's scheduler stands for."""

from __future__ import annotations

import math

import pytest

from diffusion.noise_models import DiscreteNoise, EdmNoise, FlowNoise, from_scheduler_config


def test_schedulers_with_betas_are_discrete() -> None:
    found = from_scheduler_config({"_class_name": "PNDMScheduler", "prediction_type": "v_prediction"})
    assert isinstance(found, DiscreteNoise)
    assert found.prediction == "v_prediction"
    assert not found.is_flow


@pytest.mark.parametrize(
    ("config", "shift"),
    [
        ({"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0}, 3.0),
        ({"_class_name": "FlowMatchEulerDiscreteScheduler"}, 1.0),
        ({"_class_name": "FlowMatchHeunDiscreteScheduler", "use_dynamic_shifting": True}, math.exp(1.15)),
        ({"_class_name": "DPMSolverMultistepScheduler", "use_flow_sigmas": True, "flow_shift": 2.0}, 2.0),
    ],
)
def test_schedulers_of_flow_are_flow_with_their_shift(config: dict[str, object], shift: float) -> None:
    found = from_scheduler_config(config)
    assert isinstance(found, FlowNoise)
    assert found.shift == pytest.approx(shift)


def test_schedulers_of_edm_say_its_range() -> None:
    found = from_scheduler_config({"_class_name": "EDMEulerScheduler", "sigma_max": 100.0, "sigma_data": 1.0})
    assert isinstance(found, EdmNoise)
    assert (found.sigma_max, found.sigma_data) == (pytest.approx(100.0), 1.0)
