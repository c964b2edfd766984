"""The path of a run: its states, and that looking at them changes nothing."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch

from diffusion.custom_sampling import noise_levels
from diffusion.errors import DiffusionError
from diffusion.latents import empty
from diffusion.noise import initial_noise
from diffusion.sample import sample
from diffusion.sample_path import sample_path
from tests.support import tiny_families

pytestmark = pytest.mark.network

SETTINGS = {"seed": 5, "steps": 3, "cfg": 3.0, "sampler_name": "euler", "scheduler": "normal"}
LONG = pytest.mark.long


@pytest.mark.parametrize(
    "kind", [("sd1", ""), pytest.param(("sd2", "v"), marks=LONG), pytest.param(("sdxl", ""), marks=LONG),
             pytest.param(("sdxl_refiner", ""), marks=LONG), ("sd3", "medium"), ("flux", "")], ids="-".join,
)  # fmt: skip
def test_every_familys_path_ends_at_the_samplers_own_result_and_begins_with_noise(kind: tuple[str, str]) -> None:
    model = tiny_families.shared(*kind)
    prompts = [tiny_families.prompt(model, seed=seed) for seed in (1, 2)]
    done, path = sample_path(model, *prompts, empty(64, 64), most=10, **SETTINGS)
    expected = sample(model, *prompts, empty(64, 64), **SETTINGS)["samples"]
    assert torch.equal(done["samples"], expected)
    assert torch.equal(path[-1].x, expected)
    assert torch.equal(path[-1].x0, expected)
    assert [state.step for state in path] == [0, 1, 2, 3]
    assert torch.allclose(torch.tensor([state.sigma for state in path]), noise_levels(model, "normal", 3))
    noise = model.latent_format.from_model(initial_noise(path[0].x.shape, 5, None))
    assert torch.allclose(path[0].x, noise, atol=0.03 * float(noise.abs().max()))
    assert all(state.x.shape == state.x0.shape == expected.shape for state in path)


def test_between_two_states_lies_a_step_of_euler() -> None:
    """x' = x + (x - x0) * (sigma' - sigma) / sigma, with x in the scale of the sampler."""
    model = tiny_families.shared("sd1", "")
    prompts = [tiny_families.prompt(model, seed=seed) for seed in (1, 2)]
    _, path = sample_path(model, *prompts, empty(64, 64), most=10, **SETTINGS)
    for state, after in pairwise(path):
        x, following = (field * math.sqrt(1 + at.sigma**2) for field, at in ((state.x, state), (after.x, after)))
        step = x + (x - state.x0) * ((after.sigma - state.sigma) / state.sigma)
        assert torch.allclose(step, following, atol=2e-4 * float(x.abs().max()))


def test_samplers_with_several_calls_a_step_have_one_state_for_each_step() -> None:
    model = tiny_families.shared("sd1", "")
    prompts = [tiny_families.prompt(model, seed=seed) for seed in (1, 2)]
    _, path = sample_path(model, *prompts, empty(64, 64), most=10, **{**SETTINGS, "sampler_name": "heun"})
    assert [state.step for state in path] == [0, 1, 2, 3]


@pytest.mark.parametrize(("most", "kept"), [(2, [0, 6]), (3, [0, 3, 6]), (4, [0, 2, 4, 6]), (7, [*range(7)])])
def test_of_many_states_a_few_are_kept_that_are_spread_evenly(most: int, kept: list[int]) -> None:
    model = tiny_families.shared("sd1", "")
    prompts = [tiny_families.prompt(model, seed=seed) for seed in (1, 2)]
    told: list[int] = []
    _, path = sample_path(
        model, *prompts, empty(64, 64), most=most, on_step=lambda step: told.append(step.step),
        **{**SETTINGS, "steps": 6, "cfg": 1.0},
    )  # fmt: skip
    assert [state.step for state in path] == kept
    assert told == [1, 2, 3, 4, 5, 6]


def test_a_run_without_steps_has_one_state_and_a_path_of_one_is_none() -> None:
    model = tiny_families.shared("sd1", "")
    prompts = [tiny_families.prompt(model, seed=seed) for seed in (1, 2)]
    latent = {"samples": torch.ones(1, 4, 8, 8)}
    done, path = sample_path(model, *prompts, latent, most=5, **SETTINGS, denoise=0.0)
    assert torch.equal(done["samples"], latent["samples"])
    assert [(state.step, state.sigma) for state in path] == [(0, 0.0)]
    with pytest.raises(DiffusionError, match="at least 2 states, not 1"):
        sample_path(model, *prompts, latent, most=1, **SETTINGS)
