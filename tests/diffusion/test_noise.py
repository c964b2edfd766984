"""Random numbers: the field's for the first item, and never the batch's."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
import torchsde
from hypothesis import given
from hypothesis import strategies as st

from diffusion.noise import initial_noise, item_indices, step_noise
from diffusion.samplers import SAMPLERS
from tests.support.examples import examples

SHAPE = (4, 6, 6)  # numbers that do not fill torch's blocks of 16 evenly
SIGMAS = [14.614641189575195, 5.0, 1.0, 0.029167533, 0.0]


def test_noise_is_what_the_seeds_generator_draws() -> None:
    generator = torch.Generator().manual_seed(42)
    one_by_one = torch.stack([torch.randn(SHAPE, generator=generator) for _ in range(3)])
    assert torch.equal(initial_noise((3, *SHAPE), 42), one_by_one)


@given(seed=st.integers(0, 2**64 - 1), batch=st.integers(1, 6))
@examples(25)
def test_an_items_noise_does_not_know_the_batch(seed: int, batch: int) -> None:
    assert torch.equal(initial_noise((batch, *SHAPE), seed), initial_noise((8, *SHAPE), seed)[:batch])


def test_batch_index_picks_and_repeats_items() -> None:
    whole = initial_noise((5, *SHAPE), 1)
    assert torch.equal(initial_noise((3, *SHAPE), 1, [4, 0, 4]), whole[[4, 0, 4]])


def test_a_short_batch_index_counts_on() -> None:
    assert item_indices(4, [5, 2]) == [5, 2, 6, 7]
    assert item_indices(2, []) == [0, 1]
    assert item_indices(1, [3, 4]) == [3]


@pytest.mark.parametrize("name", ["euler_ancestral", "dpmpp_2m_sde"])
def test_step_noise_of_an_item_does_not_know_the_batch(name: str) -> None:
    def draws(batch: int, indices: list[int] | None = None) -> torch.Tensor:
        noise = step_noise(SAMPLERS[name], torch.zeros(batch, *SHAPE), 9, SIGMAS, indices)
        return torch.stack([noise(a, b) for a, b in pairwise(SIGMAS[:-1])])

    four = draws(4)
    assert torch.equal(draws(2), four[:, :2])
    assert torch.equal(draws(1, [3])[:, 0], four[:, 3])
    assert not torch.equal(four[:, 0], four[:, 1])
    assert float(four.std()) == pytest.approx(1.0, abs=0.1)


def test_ancestral_noise_of_the_first_item_comes_from_the_next_seed() -> None:
    noise = step_noise(SAMPLERS["euler_ancestral"], torch.zeros(1, *SHAPE), 9, SIGMAS)
    generator = torch.Generator().manual_seed(10)
    for sigma, after in pairwise(SIGMAS[:-1]):
        assert torch.equal(noise(sigma, after)[0], torch.randn(SHAPE, generator=generator))


@pytest.mark.filterwarnings("ignore:Should have t:UserWarning")
def test_brownian_noise_of_the_first_item_is_the_path_of_the_seed() -> None:
    noise = step_noise(SAMPLERS["dpmpp_2m_sde"], torch.zeros(1, *SHAPE), 9, SIGMAS)
    tree = torchsde.BrownianTree(SIGMAS[3], torch.zeros(1, *SHAPE), SIGMAS[0], entropy=9)
    for sigma, after in pairwise(SIGMAS[:-1]):
        expected = -tree(after, sigma) / (sigma - after) ** 0.5
        assert torch.allclose(noise(sigma, after), expected, atol=1e-6)


def test_brownian_noise_of_two_steps_adds_up_to_that_of_one() -> None:
    like = torch.zeros(1, *SHAPE)
    fine, coarse = (step_noise(SAMPLERS["dpmpp_2m_sde"], like, 3, SIGMAS) for _ in range(2))
    together = fine(SIGMAS[0], 5.0) * (SIGMAS[0] - 5.0) ** 0.5 + fine(5.0, 1.0) * 4.0**0.5
    assert torch.allclose(coarse(SIGMAS[0], 1.0) * (SIGMAS[0] - 1.0) ** 0.5, together, atol=1e-4)
