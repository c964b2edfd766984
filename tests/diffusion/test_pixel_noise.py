"""Latent noise from a tensor in the shape of a picture: still white, of unit variance, and all of it counts."""

from __future__ import annotations

import pytest
import torch

from diffusion.errors import DiffusionError
from diffusion.families.latent_format import LatentFormat
from diffusion.pixel_noise import latent_noise

SD, SD3, TINY = LatentFormat(4, 8), LatentFormat(16, 8), LatentFormat(4, 2)


def white(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("latent_format", [SD, SD3, TINY])
def test_white_noise_becomes_white_noise_of_unit_variance(latent_format: LatentFormat) -> None:
    factor, channels = latent_format.downscale, latent_format.channels
    noise = latent_noise(white(2, 3, 64 * factor, 64 * factor), latent_format)
    assert noise.shape == (2, channels, 64, 64)
    assert noise.dtype == torch.float32
    assert abs(float(noise.mean())) < 0.02
    assert abs(float(noise.std()) - 1) < 0.02
    by_channel = noise.movedim(1, 0).flatten(1)
    assert (torch.corrcoef(by_channel) - torch.eye(channels)).abs().max() < 0.05
    for beside in (noise[..., 1:] * noise[..., :-1], noise[..., 1:, :] * noise[..., :-1, :]):
        assert abs(float(beside.mean())) < 0.02
    assert abs(float((noise**4).mean()) - 3) < 0.15  # as of a normal distribution


@pytest.mark.parametrize("place", [(0, 0, 0), (1, 3, 5), (2, 7, 7)])
def test_each_number_counts_in_every_channel_of_its_cell(place: tuple[int, int, int]) -> None:
    pixels = white(1, 3, 16, 16).double()
    changed = pixels.clone()
    changed[0, *place] += 1.0
    moved = (latent_noise(changed, SD) - latent_noise(pixels, SD))[0].abs()
    assert moved[:, 0, 0].min() > 1e-3
    assert moved[:, 1, 1].max() < moved[:, 0, 0].max() / 2  # what the mean and the spread of the item change


def test_mean_and_scale_of_the_noise_do_not_matter() -> None:
    pixels = white(1, 3, 32, 32)
    assert torch.allclose(latent_noise(pixels, SD), latent_noise(5 * pixels + 3, SD), atol=1e-5)
    assert abs(float(latent_noise(torch.rand(1, 3, 256, 256), SD).std()) - 1) < 0.05


def test_an_item_does_not_know_its_batch() -> None:
    pixels = white(3, 3, 16, 24)
    assert torch.equal(latent_noise(pixels, SD)[1:2], latent_noise(pixels[1:2], SD))


def test_sides_that_make_no_whole_cells_are_refused_with_a_size_that_does() -> None:
    with pytest.raises(DiffusionError, match="multiples of 8, such as 96 x 128"):
        latent_noise(white(1, 3, 100, 130), SD)
    with pytest.raises(DiffusionError, match="such as 8 x 8"):
        latent_noise(white(1, 3, 3, 3), SD)


def test_what_is_no_noise_is_refused() -> None:
    with pytest.raises(DiffusionError, match="All numbers of the noise are the same"):
        latent_noise(torch.ones(1, 3, 8, 8), SD)
    with pytest.raises(DiffusionError, match="NaN or infinity"):
        latent_noise(white(1, 3, 8, 8) * torch.inf, SD)
    with pytest.raises(DiffusionError, match="too few"):
        latent_noise(white(1, 3, 8, 8), LatentFormat(4, 1))
