"""The samplers that diffusers has as well, step by step on the same levels with the same predictions."""

from __future__ import annotations

from typing import Any

import diffusers
import pytest
import torch

from diffusion.noise import step_noise
from diffusion.samplers import SAMPLERS

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:__array_wrap__ must accept context:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Should have t:UserWarning"),
    pytest.mark.filterwarnings("ignore:The `scale_model_input` function should be called:UserWarning"),
]

SD = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "use_karras_sigmas": True}
STEPS, SEED = 10, 5


def denoised(x: torch.Tensor, sigma: float) -> torch.Tensor:
    return 0.7 + (x - 0.7) * 0.25 / (0.25 + sigma**2) + 0.1 * torch.sin(3 * x)


def theirs(scheduler: Any, x: torch.Tensor) -> torch.Tensor:
    middles = getattr(scheduler, "sigmas_interpol", None)
    for timestep in scheduler.timesteps:
        if scheduler.step_index is None:
            scheduler._init_step_index(timestep)
        place = scheduler.step_index
        sigma = scheduler.sigmas[place]
        if not getattr(scheduler, "state_in_first_order", True):  # its second look, at the middle of the step
            sigma = middles[place] if middles is not None else (scheduler.sigmas[place - 1] * sigma).sqrt()
        output = (x - denoised(x, float(sigma))) / sigma
        x = scheduler.step(output, timestep, x).prev_sample
    return x


def ours(name: str, x: torch.Tensor, sigmas: list[float]) -> torch.Tensor:
    sampler = SAMPLERS[name]
    sampling = sampler.steps(x, sigmas, step_noise(sampler, x, SEED, sigmas))
    x, sigma = next(sampling)
    while True:
        try:
            x, sigma = sampling.send(denoised(x, sigma))
        except StopIteration as done:
            result: torch.Tensor = done.value
            return result


@pytest.mark.parametrize(
    ("name", "scheduler", "settings"),
    [
        ("euler", "EulerDiscreteScheduler", {}),
        ("lms", "LMSDiscreteScheduler", {}),
        ("dpm_2", "KDPM2DiscreteScheduler", {}),
        ("dpmpp_sde", "DPMSolverSDEScheduler", {"noise_sampler_seed": SEED}),  # and its Brownian noise
    ],
)
def test_the_same_levels_give_the_same_end(name: str, scheduler: str, settings: dict[str, Any]) -> None:
    start = torch.randn((1, 4, 6, 6), generator=torch.Generator().manual_seed(1)) * 14.6
    other = getattr(diffusers, scheduler)(**SD, **settings)
    other.set_timesteps(STEPS)
    levels = sorted(set(other.sigmas.tolist()), reverse=True)
    assert len(levels) == STEPS + 1
    end = ours(name, start, levels)
    assert torch.allclose(end, theirs(other, start), atol=1e-4)
