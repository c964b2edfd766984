"""Noise levels: their shape, the numbers everybody knows, and partial denoising."""

from __future__ import annotations

from itertools import pairwise

import diffusers
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaincinv

from diffusion.errors import DiffusionError
from diffusion.noise_models import EdmNoise, FlowNoise, NoiseModel, from_scheduler_config
from diffusion.schedules import SCHEDULES, sigmas_for

SD = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
MODEL = from_scheduler_config(SD)


def test_the_names_are_the_fields_in_its_order() -> None:
    assert list(SCHEDULES) == [
        "simple",
        "sgm_uniform",
        "karras",
        "exponential",
        "ddim_uniform",
        "beta",
        "normal",
        "linear_quadratic",
        "kl_optimal",
    ]


@given(
    name=st.sampled_from(sorted(SCHEDULES)),
    model=st.sampled_from([MODEL, FlowNoise(3.0), FlowNoise.of_log_shift(1.15), EdmNoise()]),
    steps=st.integers(1, 150),
    denoise=st.floats(0.05, 1.0),
)
def test_levels_fall_to_zero_and_stay_in_the_trained_range(
    name: str, model: NoiseModel, steps: int, denoise: float
) -> None:
    sigmas = sigmas_for(name, model, steps, denoise)
    assert all(after < before for before, after in pairwise(sigmas))
    assert sigmas[-1] == 0.0
    assert sigmas[0] <= model.sigma_max * (1 + 1e-6)
    assert sigmas[-2] >= model.sigma_min * (1 - 1e-6)
    if name == "beta":
        assert len(sigmas) <= steps + 1
    elif name != "ddim_uniform":
        assert len(sigmas) == steps + 1


def times(name: str, steps: int) -> list[float]:
    return [MODEL.timestep(sigma) for sigma in sigmas_for(name, MODEL, steps)[:-1]]


def test_schedules_that_are_even_in_time() -> None:
    assert times("normal", 4) == pytest.approx([999, 666, 333, 0], abs=1e-2)
    assert times("sgm_uniform", 4) == pytest.approx([999, 749.25, 499.5, 249.75], abs=1e-2)
    assert times("simple", 4) == pytest.approx([999, 749, 499, 249], abs=1e-2)
    assert times("ddim_uniform", 4) == pytest.approx([751, 501, 251, 1], abs=1e-2)


def test_schedules_that_are_even_in_a_function_of_sigma() -> None:
    exponential, karras = (sigmas_for(name, MODEL, 6)[:-1] for name in ("exponential", "karras"))
    for even in (np.log(exponential), np.asarray(karras) ** (1 / 7)):
        assert np.diff(even, 2) == pytest.approx(np.zeros(4), abs=1e-6)
    for ends in (exponential, karras):
        assert (ends[0], ends[-1]) == pytest.approx((14.6146, 0.0292), abs=1e-4)


def test_the_beta_schedule_takes_the_quantiles_of_its_distribution() -> None:
    for steps in (7, 20, 28):
        quantiles = betaincinv(0.6, 0.6, 1 - np.arange(steps) / steps)
        assert times("beta", steps) == pytest.approx(np.rint(quantiles * 999).tolist(), abs=1e-2)


def test_the_first_half_of_linear_quadratic_is_even_and_the_whole_has_no_bend() -> None:
    sigmas = np.asarray(sigmas_for("linear_quadratic", MODEL, 20)) / MODEL.sigma_max
    assert sigmas[:11] == pytest.approx(np.linspace(1, 0.975, 11), abs=1e-6)
    assert np.diff(sigmas[10:], 3) == pytest.approx(np.zeros(8), abs=1e-6)
    assert sigmas_for("linear_quadratic", MODEL, 1) == pytest.approx((MODEL.sigma_max, 0.0))


def test_kl_optimal_is_even_in_the_arc_tangent() -> None:
    angles = np.arctan(sigmas_for("kl_optimal", MODEL, 7)[:-1])
    assert np.diff(angles, 2) == pytest.approx(np.zeros(5), abs=1e-6)
    assert (np.tan(angles[0]), np.tan(angles[-1])) == pytest.approx((14.6146, 0.0292), abs=1e-4)


def test_a_shift_leaves_more_of_a_flow_run_to_noise() -> None:
    even, shifted = (sigmas_for("simple", FlowNoise(shift), 4) for shift in (1.0, 3.0))
    assert even == pytest.approx((1.0, 0.75, 0.5, 0.25, 0.0))
    assert shifted == pytest.approx((1.0, 0.9, 0.75, 0.5, 0.0))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("normal", {}),
        ("karras", {"use_karras_sigmas": True}),
        ("exponential", {"use_exponential_sigmas": True}),
        ("simple", {"timestep_spacing": "trailing"}),
        ("ddim_uniform", {"timestep_spacing": "leading", "steps_offset": 1}),
    ],
)
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
def test_the_levels_of_diffusers_where_it_has_the_schedule(name: str, settings: dict[str, object]) -> None:
    scheduler = diffusers.EulerDiscreteScheduler(**SD, **settings)
    scheduler.set_timesteps(20)
    assert sigmas_for(name, MODEL, 20) == pytest.approx(scheduler.sigmas.tolist(), rel=2e-4)


def test_ddim_uniform_takes_the_steps_that_its_stride_leaves_room_for() -> None:
    assert len(sigmas_for("ddim_uniform", MODEL, 15)) == 17


def test_partial_denoising_is_the_tail_of_a_longer_schedule() -> None:
    assert sigmas_for("karras", MODEL, 6, 0.5) == sigmas_for("karras", MODEL, 12)[6:]
    assert sigmas_for("karras", MODEL, 10, 0.3) == sigmas_for("karras", MODEL, 33)[23:]
    assert sigmas_for("karras", MODEL, 6, 0.99995) == sigmas_for("karras", MODEL, 6)


@pytest.mark.parametrize("denoise", [0.0, -1.0])
def test_no_denoising_is_no_schedule(denoise: float) -> None:
    assert sigmas_for("normal", MODEL, 6, denoise) == ()


def test_the_lowest_level_but_one_can_be_left_out() -> None:
    longer = sigmas_for("karras", MODEL, 7)
    assert sigmas_for("karras", MODEL, 6, discard_penultimate=True) == (*longer[:-2], 0.0)


def test_more_steps_than_trained_levels_visit_no_level_twice() -> None:
    sigmas = sigmas_for("simple", MODEL, 3000)
    assert len(sigmas) == len(set(sigmas))


def test_a_denoise_that_is_no_number_is_refused() -> None:
    with pytest.raises(DiffusionError, match="not a number"):
        sigmas_for("karras", MODEL, 5, float("nan"))


@pytest.mark.parametrize(
    ("name", "steps", "socket"), [("linear", 5, "scheduler"), ("karras", 0, "steps"), ("karras", 10_001, "steps")]
)
def test_what_cannot_be_is_refused(name: str, steps: int, socket: str) -> None:
    with pytest.raises(DiffusionError) as caught:
        sigmas_for(name, MODEL, steps)
    assert caught.value.input == socket
