"""Batches taken apart and put together: which items come out, in which order, with which masks and numbers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from diffusion.batches import join, rebatch, repeat, repeat_latent, select, select_latent, singles
from diffusion.errors import DiffusionError


def images(*levels: float, height: int = 2, width: int = 3, channels: int = 3) -> Tensor:
    """A picture of one level each."""
    return torch.tensor(levels).reshape(-1, 1, 1, 1).expand(-1, height, width, channels).clone()


def levels(batch: Tensor) -> list[float]:
    return batch.flatten(1)[:, 0].tolist()


def latent(count: int, **more: Any) -> dict[str, Any]:
    return {
        "samples": torch.arange(count * 1.0).reshape(-1, 1, 1, 1).expand(-1, 4, 2, 2),
        "origin": "elsewhere",
        **more,
    }


@pytest.mark.parametrize(
    ("index", "length", "chosen"),
    [(0, 1, [0]), (1, 2, [1, 2]), (2, 5, [2, 3]), (3, 1, [3]), (9, 1, [3]), (9, 4, [3]), (0, 99, [0, 1, 2, 3])],
)
def test_what_is_selected_lies_inside_the_batch(index: int, length: int, chosen: list[float]) -> None:
    assert levels(select(images(0, 1, 2, 3), index, length)) == chosen
    assert levels(select_latent(latent(4), index, length)["samples"]) == chosen


def test_what_is_selected_is_a_copy() -> None:
    batch = images(0, 1)
    select(batch, 0, 1).fill_(9)
    assert levels(batch) == [0, 1]


def test_a_selected_latent_keeps_its_numbers_its_mask_and_what_else_it_carries() -> None:
    mask = torch.arange(4.0).reshape(4, 1, 1)
    selected = select_latent(latent(4, noise_mask=mask), 1, 2)
    assert selected["batch_index"] == [1, 2]
    assert selected["noise_mask"].flatten().tolist() == [1, 2]
    assert selected["origin"] == "elsewhere"
    again = select_latent(selected, 1, 1)
    assert again["batch_index"] == [2]
    assert again["noise_mask"].flatten().tolist() == [2]


def test_one_mask_for_all_stays_one_and_a_short_row_of_masks_is_repeated() -> None:
    one = torch.ones(1, 2, 2)
    assert select_latent(latent(4, noise_mask=one), 2, 2)["noise_mask"] is one
    two = torch.arange(2.0).reshape(2, 1, 1)
    assert select_latent(latent(4, noise_mask=two), 1, 3)["noise_mask"].flatten().tolist() == [1, 0, 1]
    assert repeat_latent(latent(4, noise_mask=one), 2)["noise_mask"] is one


def test_the_whole_batch_is_repeated() -> None:
    assert levels(repeat(images(0, 1), 3)) == [0, 1, 0, 1, 0, 1]


def test_repeated_latents_count_on() -> None:
    repeated = repeat_latent(latent(2, noise_mask=torch.arange(2.0).reshape(2, 1, 1)), 3)
    assert levels(repeated["samples"]) == [0, 1, 0, 1, 0, 1]
    assert repeated["batch_index"] == [0, 1, 2, 3, 4, 5]
    assert repeated["noise_mask"].flatten().tolist() == [0, 1, 0, 1, 0, 1]
    assert repeat_latent(latent(2, batch_index=[4, 6]), 2)["batch_index"] == [4, 6, 7, 9]


def test_a_batch_falls_into_batches_of_one_and_comes_together_again() -> None:
    batch = images(0, 1, 2)
    apart = list(singles(batch))
    assert [single.shape for single in apart] == [(1, 2, 3, 3)] * 3
    assert torch.equal(join(apart), batch)


def test_joined_pictures_share_the_channels_of_the_richest() -> None:
    joined = join([images(0.5, channels=1), images(0.25, channels=4), images(1.0)])
    assert joined[:, 0, 0].tolist() == [[0.5, 0.5, 0.5, 1], [0.25] * 4, [1, 1, 1, 1]]


def test_pictures_of_different_sizes_are_not_joined() -> None:
    with pytest.raises(DiffusionError, match="picture 1 is 3 x 4 pixels, and the first 3 x 2") as caught:
        join([images(0), images(1, height=4)])
    assert "ImageScale" in caught.value.remedy


def test_batches_are_cut_anew_across_their_borders() -> None:
    assert [levels(batch) for batch in rebatch([images(0, 1, 2), images(3), images(4)], 2)] == [[0, 1], [2, 3], [4]]


def test_a_new_size_begins_a_new_batch() -> None:
    assert [levels(batch) for batch in rebatch([images(0, 1), images(2, height=4), images(3)], 3)] == [[0, 1], [2], [3]]
