"""Other ways of counting noise: what each does to the levels and to what the network gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from diffusion.errors import DiffusionError
from diffusion.model_sampling import CONTINUOUS, DISCRETE, continuous, discrete, flow, flow_for_size
from diffusion.noise_models import discrete_noise
from diffusion.sample import sample
from tests.support import tiny_families

pytestmark = pytest.mark.network

SETTINGS = {"seed": 1, "steps": 3, "cfg": 2.0, "sampler_name": "euler", "scheduler": "normal"}
X, OUTPUT = torch.full((1,), 3.0), torch.full((1,), 0.5)


def test_every_way_paints_with_a_model_of_its_kind() -> None:
    model = tiny_families.model("sd1")
    prompt = tiny_families.prompt(model, seed=1)
    latent = {"samples": torch.zeros(1, 4, 8, 8)}
    ways = [discrete(model, way) for way in DISCRETE]
    ways += [continuous(model, way, sigma_max=80, sigma_min=0.002) for way in CONTINUOUS]
    painted = [sample(way, prompt, prompt, latent, **SETTINGS)["samples"] for way in [*ways, flow(model, 3.0)]]
    assert all(torch.isfinite(samples).all() for samples in painted)
    assert all(not torch.equal(samples, painted[0]) for samples in painted[1:])
    assert torch.equal(painted[0], sample(model, prompt, prompt, latent, **SETTINGS)["samples"])


def test_the_model_that_was_given_stays_as_it_is() -> None:
    model = tiny_families.model("sd1")
    before = model.noise_model
    changed = discrete(model, "v_prediction")
    assert model.noise_model is before
    assert changed.module is model.module


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("eps", 3 - 2 * 0.5),
        ("v_prediction", 3 / 5 - 0.5 * 2 / math.sqrt(5)),
        ("x0", 0.5),
        ("img_to_img", 0.5),
    ],
)
def test_what_the_network_gives_is_read_as_it_was_trained(way: str, expected: float) -> None:
    noise_model = discrete(tiny_families.model("sd1"), way).noise_model
    assert float(noise_model.x0(X, OUTPUT, 2.0)) == pytest.approx(expected)
    scaled = float(noise_model.scale_input(X, 2.0))
    assert scaled == pytest.approx(3.0 if way == "img_to_img" else 3 / math.sqrt(5))


def test_zero_terminal_snr_ends_in_nothing_but_noise_and_keeps_the_lowest_level() -> None:
    model = tiny_families.model("sd1")
    moved = discrete(model, "v_prediction", zsnr=True).noise_model
    assert moved.sigma_max > 4000
    assert moved.sigma_min == pytest.approx(model.noise_model.sigma_min, rel=1e-6)
    assert np.allclose(moved.sigmas, discrete_noise(zero_terminal_snr=True).sigmas, rtol=1e-6)
    again = discrete(discrete(model, "eps", zsnr=True), "v_prediction", zsnr=True).noise_model
    assert np.array_equal(again.sigmas, moved.sigmas)
    back = discrete(tiny_families.model("sdxl", "v_zero_snr"), "v_prediction").noise_model
    assert np.array_equal(back.sigmas, discrete_noise().sigmas)


def test_lcm_keeps_every_twentieth_level_however_often_it_is_asked_for() -> None:
    once = discrete(tiny_families.model("sd1"), "lcm")
    twice = discrete(once, "lcm")
    assert len(once.noise_model.sigmas) == 50
    assert np.array_equal(once.noise_model.sigmas, twice.noise_model.sigmas)
    assert len(discrete(once, "eps").noise_model.sigmas) == 1000


def test_a_shift_moves_the_middle_of_a_run_towards_noise() -> None:
    model = tiny_families.model("sd3", "medium")
    assert flow(model, 3.0).noise_model.sigma(500) == pytest.approx(0.75)
    assert flow(model, 1.0).noise_model.sigma(500) == pytest.approx(0.5)


@pytest.mark.parametrize(("width", "height", "log_shift"), [(1024, 1024, 1.15), (256, 256, 0.5), (2048, 512, 1.15)])
def test_the_shift_of_flux_grows_with_the_picture(width: int, height: int, log_shift: float) -> None:
    model = flow_for_size(tiny_families.model("flux"), max_shift=1.15, base_shift=0.5, width=width, height=height)
    shift = math.exp(log_shift)
    assert model.noise_model.sigma(500) == pytest.approx(shift / (1 + shift))


@pytest.mark.parametrize(
    ("way", "expected", "scaled"),
    [
        ("eps", 3 - 2 * 0.5, 3 / math.sqrt(5)),
        ("v_prediction", 3 / 5 - 0.5 * 2 / math.sqrt(5), 3 / math.sqrt(5)),
        ("edm", 3 * 0.25 / 4.25 + 0.5 * 2 * 0.5 / math.sqrt(4.25), 3 / math.sqrt(4.25)),
    ],
)
def test_continuous_levels_have_the_preconditioning_of_their_kind(way: str, expected: float, scaled: float) -> None:
    noise_model = continuous(tiny_families.model("sdxl"), way, sigma_max=120.0, sigma_min=0.002).noise_model
    assert (noise_model.sigma_min, noise_model.sigma_max) == pytest.approx((0.002, 120.0))
    assert noise_model.timestep(math.e**4) == pytest.approx(1.0)
    assert float(noise_model.x0(X, OUTPUT, 2.0)) == pytest.approx(expected)
    assert float(noise_model.scale_input(X, 2.0)) == pytest.approx(scaled)


def test_what_cannot_be_is_refused_with_the_socket_that_is_wrong() -> None:
    model = tiny_families.model("sd1")
    for call, socket in (
        (lambda: discrete(model, "velocity"), "sampling"),
        (lambda: flow(model, 0.0), "shift"),
        (lambda: continuous(model, "edm", sigma_max=1.0, sigma_min=2.0), "sigma_max"),
        (lambda: continuous(model, "edm", sigma_max=1.0, sigma_min=0.0), "sigma_min"),
        (lambda: continuous(model, "cosmos", sigma_max=1.0, sigma_min=0.1), "sampling"),
    ):
        with pytest.raises(DiffusionError) as caught:
            call()
        assert caught.value.input == socket
