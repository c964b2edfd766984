"""Pictures that a prompt refers to: where their tokens lie, and that they are heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from diffusion import conditioning as c
from diffusion.denoisers import references
from diffusion.errors import DiffusionError
from diffusion.latents import empty
from diffusion.sample import sample
from tests.support import tiny_families

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffusion.start import Start

MODEL = tiny_families.model("flux", "kontext")


def places_of(start: Start, sizes: list[tuple[int, int]], **settings: Any) -> list[torch.Tensor]:
    latents = [tiny_families.latent(MODEL, seed=i, sides=size) for i, size in enumerate(sizes)]
    conditions = references.tokens(MODEL, {"reference_latents": latents, **settings}, start, "positive")
    return references.taken(conditions)[1]


def corner(places: torch.Tensor) -> tuple[list[float], list[float]]:
    """The first and the last place."""
    return places[0].tolist(), places[-1].tolist()


def test_the_first_lies_in_the_plane_behind_the_picture(start_of: Callable[..., Start]) -> None:
    (places,) = places_of(start_of(MODEL), [(6, 10)])
    assert corner(places) == ([1, 0, 0], [1, 2, 4])


def test_the_next_lies_where_all_together_stay_nearer_to_a_square(start_of: Callable[..., Start]) -> None:
    wide, tall = places_of(start_of(MODEL), [(4, 12), (4, 12)]), places_of(start_of(MODEL), [(12, 4), (12, 4)])
    assert corner(wide[1]) == ([1, 2, 0], [1, 3, 5])
    assert corner(tall[1]) == ([1, 0, 2], [1, 5, 3])


def test_by_index_each_has_a_plane_of_its_own(start_of: Callable[..., Start]) -> None:
    places = places_of(start_of(MODEL), [(4, 4), (4, 6)], reference_latents_method="index")
    assert [corner(part) for part in places] == [([1, 0, 0], [1, 1, 1]), ([2, 0, 0], [2, 1, 2])]


def test_sides_need_not_be_even(start_of: Callable[..., Start]) -> None:
    (places,) = places_of(start_of(MODEL), [(5, 7)])
    assert len(places) == 3 * 4


def test_each_item_of_a_batch_refers_to_its_own(start_of: Callable[..., Start]) -> None:
    start = start_of(MODEL, samples=torch.zeros(3, 16, 8, 8))
    two = tiny_families.latent(MODEL, seed=1, batch=2)
    conditions = references.tokens(MODEL, {"reference_latents": [two]}, start, "positive")
    (tokens,) = references.taken(conditions)[0]
    assert torch.equal(tokens[0], tokens[2])
    assert not torch.equal(tokens[0], tokens[1])


def test_a_latent_of_another_vae_and_an_unknown_method_are_refused(start_of: Callable[..., Start]) -> None:
    with pytest.raises(DiffusionError, match=r"\[batch, 16, height, width\], got \[1, 4, 8, 8\]"):
        references.tokens(MODEL, {"reference_latents": [torch.zeros(1, 4, 8, 8)]}, start_of(MODEL), "positive")
    with pytest.raises(DiffusionError, match="no way 'uxo'"):
        references.tokens(MODEL, {"reference_latents_method": "uxo"}, start_of(MODEL), "positive")


@pytest.mark.network
def test_the_prompts_of_a_run_may_refer_to_unlike_pictures() -> None:
    settings: dict[str, Any] = {"seed": 1, "steps": 2, "cfg": 3.0, "sampler_name": "euler", "scheduler": "simple"}
    positive, negative = (tiny_families.prompt(MODEL, seed=seed) for seed in (1, 2))
    turned = c.set_values(negative, {"reference_latents": [tiny_families.latent(MODEL, seed=2, sides=(10, 6))]})
    none = c.set_values(negative, {"reference_latents": []})
    painted = [
        sample(MODEL, positive, other, empty(64, 64), **settings)["samples"] for other in (negative, turned, none)
    ]
    assert not torch.allclose(painted[0], painted[1])
    assert not torch.allclose(painted[0], painted[2])
