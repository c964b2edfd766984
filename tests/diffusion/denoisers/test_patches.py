"""Latents as patches and tokens."""

from __future__ import annotations

import diffusers
import pytest
import torch

from diffusion.denoisers.patches import packed, padded, pixels_as_channels, unpacked


def test_packing_can_be_undone() -> None:
    latent = torch.arange(2 * 3 * 4 * 6.0).reshape(2, 3, 4, 6)
    tokens = packed(latent)
    assert tokens.shape == (2, 2 * 3, 3 * 4)
    assert torch.equal(unpacked(tokens, 4, 6), latent)


@pytest.mark.long  # importing a pipeline takes that
def test_packing_is_that_of_the_pipelines() -> None:
    latent = torch.arange(2 * 3 * 4 * 6.0).reshape(2, 3, 4, 6)
    assert torch.equal(packed(latent), diffusers.FluxPipeline._pack_latents(latent, *latent.shape))


@pytest.mark.parametrize(("sides", "wanted"), [((4, 6), (4, 6)), ((5, 6), (6, 6)), ((1, 3), (2, 4))])
def test_sides_are_made_even_and_what_was_there_stays(sides: tuple[int, int], wanted: tuple[int, int]) -> None:
    latent = torch.rand(1, 2, *sides)
    whole = padded(latent, 2)
    assert tuple(whole.shape[-2:]) == wanted
    assert torch.equal(whole[..., : sides[0], : sides[1]], latent)


def test_the_pixels_of_a_cell_are_its_channels_row_by_row() -> None:
    mask = torch.arange(16.0).reshape(1, 1, 4, 4)
    channels = pixels_as_channels(mask, 2)
    assert channels.shape == (1, 4, 2, 2)
    assert channels[0, :, 0, 1].tolist() == [2.0, 3.0, 6.0, 7.0]
