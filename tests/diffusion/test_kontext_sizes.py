"""Pictures brought to the sizes of Flux Kontext."""

from __future__ import annotations

import pytest
import torch

from diffusion.kontext_sizes import SIZES, scaled


@pytest.mark.parametrize(
    ("given", "expected"),
    [((300, 300), (1024, 1024)), ((160, 90), (1392, 752)), ((90, 160), (752, 1392)), ((1000, 10), (1568, 672))],
)
def test_the_size_of_nearest_proportions_is_taken(given: tuple[int, int], expected: tuple[int, int]) -> None:
    width, height = given
    assert scaled(torch.rand(1, height, width, 3)).shape == (1, expected[1], expected[0], 3)


def test_every_size_is_about_a_million_pixels_in_whole_tokens() -> None:
    assert len(SIZES) == 17
    assert all(width % 16 == height % 16 == 0 and 0.98e6 < width * height < 1.1e6 for width, height in SIZES)


def test_what_does_not_fit_is_cut_off_on_both_sides_alike() -> None:
    picture = torch.zeros(1, 100, 110, 3)
    picture[:, :, 54:56] = 1.0
    bright = scaled(picture).mean(dim=(0, 1, 3))
    assert abs(float((bright * torch.arange(len(bright))).sum() / bright.sum()) - (len(bright) - 1) / 2) < 1
