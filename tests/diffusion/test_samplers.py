"""The samplers on distributions whose denoiser and whose solution are known in closed form."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusion.samplers import SAMPLERS
from diffusion.samplers.lms import adams_weights
from tests.support.examples import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MEAN, SPREAD = 0.7, 0.5
DETERMINISTIC = ["euler", "heun", "dpm_2", "lms", "dpmpp_2m", "ddim"]
RANDOM = ["euler_ancestral", "dpm_2_ancestral", "dpmpp_2s_ancestral", "dpmpp_sde", "dpmpp_2m_sde", "dpmpp_3m_sde"]


def denoised(x: Any, sigma: float) -> Any:
    """The best guess of x0 when x0 is normal with MEAN and SPREAD."""
    return MEAN + (x - MEAN) * SPREAD**2 / (SPREAD**2 + sigma**2)


def solution(x: Any, first: float, last: float) -> Any:
    """Where the probability-flow equation takes x from one level to another."""
    return MEAN + (x - MEAN) * math.sqrt((SPREAD**2 + last**2) / (SPREAD**2 + first**2))


def run(name: str, x: Any, sigmas: Sequence[float], denoiser: Callable[[Any, float], Any] = denoised) -> Any:
    generator = torch.Generator().manual_seed(0)
    sampling = SAMPLERS[name].steps(x, sigmas, lambda _a, _b: torch.randn(x.shape, generator=generator))
    try:
        x, sigma = next(sampling)
        while True:
            x, sigma = sampling.send(denoiser(x, sigma))
    except StopIteration as done:
        return done.value


def run_flow(name: str, x: Any, sigmas: Sequence[float], denoiser: Callable[[Any, float], Any]) -> Any:
    generator = torch.Generator().manual_seed(0)
    noise = lambda _a, _b: torch.randn(x.shape, generator=generator)  # noqa: E731
    sampling = SAMPLERS[name].sampling(x, sigmas, noise, is_flow=True)
    try:
        x, sigma = next(sampling)
        while True:
            x, sigma = sampling.send(denoiser(x, sigma))
    except StopIteration as done:
        return done.value


def denoised_flow(x: Any, sigma: float) -> Any:
    """The best guess of x0 in x = (1 - sigma) * x0 + sigma * noise."""
    share = (1 - sigma) * SPREAD**2 / ((1 - sigma) ** 2 * SPREAD**2 + sigma**2)
    return MEAN + (x - (1 - sigma) * MEAN) * share


def levels(steps: int, first: float = 10.0, last: float = 0.1) -> list[float]:
    return np.geomspace(first, last, steps + 1).tolist()


def test_the_names_are_the_fields_in_its_order() -> None:
    assert list(SAMPLERS) == [
        "euler",
        "euler_ancestral",
        "heun",
        "dpm_2",
        "dpm_2_ancestral",
        "lms",
        "dpmpp_2s_ancestral",
        "dpmpp_sde",
        "dpmpp_2m",
        "dpmpp_2m_sde",
        "dpmpp_3m_sde",
        "lcm",
        "ddim",
    ]


@pytest.mark.parametrize(("name", "order"), [("euler", 1), ("ddim", 1), ("heun", 2), ("dpm_2", 2), ("dpmpp_2m", 2)])
def test_halving_the_steps_divides_the_error_by_two_to_the_order(name: str, order: int) -> None:
    exact = solution(5.0, 10.0, 0.1)
    coarse, fine = (abs(run(name, 5.0, levels(steps)) - exact) for steps in (80, 160))
    assert coarse / fine == pytest.approx(2**order, rel=0.15)


def test_looking_back_further_pays() -> None:
    exact = solution(5.0, 10.0, 0.1)
    coarse, fine = (abs(run("lms", 5.0, levels(steps)) - exact) for steps in (80, 160))
    assert coarse / fine > 8


def test_on_even_steps_the_weights_are_those_of_adams_and_bashforth() -> None:
    assert adams_weights([0.0], 1.0) == pytest.approx([1.0])
    assert adams_weights([0.0, -1.0], 1.0) == pytest.approx([3 / 2, -1 / 2])
    assert adams_weights([0.0, -1.0, -2.0, -3.0], 1.0) == pytest.approx([55 / 24, -59 / 24, 37 / 24, -9 / 24])


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_a_known_picture_is_reached_exactly_in_any_number_of_steps(name: str) -> None:
    for steps in (1, 2, 7):
        assert run(name, 5.0, [*levels(steps), 0.0], lambda _x, _s: 0.3) == pytest.approx(0.3, abs=1e-9)


@pytest.mark.parametrize("name", RANDOM)
def test_random_samplers_draw_from_the_distribution(name: str) -> None:
    start = MEAN + torch.randn(30_000, generator=torch.Generator().manual_seed(1)) * math.hypot(10.0, SPREAD)
    drawn = run(name, start, [*levels(300, last=0.01), 0.0])
    assert float(drawn.mean()) == pytest.approx(MEAN, abs=0.01)
    assert float(drawn.std()) == pytest.approx(SPREAD, rel=0.03)


FLOW_LEVELS = [*np.linspace(1.0, 0.005, 300).tolist(), 0.0]


@pytest.mark.parametrize("name", [*DETERMINISTIC, *RANDOM])
def test_flow_samplers_draw_from_the_distribution(name: str) -> None:
    start = torch.randn(30_000, generator=torch.Generator().manual_seed(1))
    drawn = run_flow(name, start, FLOW_LEVELS, denoised_flow)
    assert float(drawn.mean()) == pytest.approx(MEAN, abs=0.015)
    assert float(drawn.std()) == pytest.approx(SPREAD, rel=0.03)


@pytest.mark.parametrize("name", [*RANDOM, "lcm"])
def test_a_flow_run_that_ends_with_noise_has_the_shares_of_its_last_level(name: str) -> None:
    start = torch.randn(30_000, generator=torch.Generator().manual_seed(1))
    left = run_flow(name, start, [1.0, 0.8, 0.6, 0.4], lambda x, _s: torch.full_like(x, MEAN))
    assert float(left.mean()) == pytest.approx(0.6 * MEAN, abs=0.02)
    assert float(left.std()) == pytest.approx(0.4, rel=0.03)


def test_the_samplers_of_the_sde_are_the_same_in_the_ratio_of_noise_to_picture() -> None:
    ratios = [4.0, 1.5, 0.5, 0.0]
    for name in ("dpmpp_sde", "dpmpp_2m_sde", "dpmpp_3m_sde"):
        flow = [ratio / (1 + ratio) for ratio in ratios]
        start = torch.ones(3)
        in_flow = run_flow(name, start * (1 - flow[0]), flow, lambda x, s: denoised(x / (1 - s), s / (1 - s)))
        assert torch.allclose(in_flow, run(name, start, ratios), atol=1e-5)


@pytest.mark.parametrize("name", SAMPLERS)
@given(steps=st.integers(1, 8))
@examples(8)
def test_every_step_of_a_flow_run_begins_with_a_look_at_its_own_level(name: str, steps: int) -> None:
    sigmas = np.linspace(1.0, 0.0, steps + 1).tolist()
    asked: list[float] = []

    def look(x: torch.Tensor, sigma: float) -> torch.Tensor:
        asked.append(sigma)
        return denoised_flow(x, sigma)

    run_flow(name, torch.ones(2), sigmas, look)
    assert asked[:: SAMPLERS[name].calls_per_step] == sigmas[:-1]


def test_lcm_noises_every_prediction_to_the_next_level() -> None:
    seen: list[float] = []

    def perfect(x: torch.Tensor, sigma: float) -> torch.Tensor:
        seen.append(float((x - MEAN).std()) / sigma)
        return torch.full_like(x, MEAN)

    start = MEAN + 10.0 * torch.randn(20_000, generator=torch.Generator().manual_seed(1))
    assert torch.equal(run("lcm", start, [10.0, 4.0, 1.0, 0.0], perfect), torch.full((20_000,), MEAN))
    assert seen == pytest.approx([1.0, 1.0, 1.0], rel=0.03)


@pytest.mark.parametrize("name", SAMPLERS)
@given(steps=st.integers(1, 8))
@examples(8)
def test_every_step_begins_with_a_look_at_its_own_level(name: str, steps: int) -> None:
    sigmas = [*levels(steps), 0.0]
    asked: list[float] = []

    def look(x: torch.Tensor, sigma: float) -> torch.Tensor:
        asked.append(sigma)
        return denoised(x, sigma)

    run(name, torch.ones(2), sigmas, look)
    assert asked[:: SAMPLERS[name].calls_per_step] == sigmas[:-1]


@pytest.mark.parametrize("name", SAMPLERS)
def test_x_is_never_changed_in_place(name: str) -> None:
    start = torch.ones(3)
    run(name, start, [*levels(3), 0.0])
    assert torch.equal(start, torch.ones(3))
