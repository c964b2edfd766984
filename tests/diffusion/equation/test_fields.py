"""Pictures and latents as fields: what is kept, what is brought to another's size, and what is refused."""

from __future__ import annotations

import pytest
import torch

from diffusion.equation.fields import beside, field_of, like, mask_beside, preview
from diffusion.errors import DiffusionError


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_picture_comes_back_as_it_was_and_within_its_range(channels: int) -> None:
    picture = torch.rand(2, 5, 7, channels)
    field = field_of(picture)
    assert field.shape == (2, channels, 5, 7)
    assert torch.equal(like(picture, field), picture)
    assert float(like(picture, field * 3 - 1).max()) == 1.0
    assert float(like(picture, field * 3 - 1).min()) == 0.0


def test_a_latent_keeps_what_else_it_holds_and_its_range() -> None:
    latent = {"samples": torch.randn(2, 16, 4, 4).half(), "batch_index": [3, 4], "unknown": "kept"}
    field = field_of(latent)
    assert field.dtype == torch.float32
    back = like(latent, field * 9)
    assert {**back, "samples": 0} == {**latent, "samples": 0}
    assert torch.equal(back["samples"], field * 9)


@pytest.mark.parametrize(("mine", "other"), [(1, 3), (1, 4), (3, 1), (3, 4), (4, 1), (4, 3)])
def test_a_second_picture_takes_size_channels_and_number_of_the_first(mine: int, other: int) -> None:
    field = beside(torch.full((2, 9, 8, other), 0.5), torch.zeros(3, 6, 4, mine))
    assert field.shape == (3, mine, 6, 4)
    assert float(field[:, 0].mean()) == pytest.approx(0.5)


def test_a_second_latent_must_be_of_the_same_cells() -> None:
    one = {"samples": torch.randn(2, 4, 8, 8)}
    assert torch.equal(beside({"samples": one["samples"][:1]}, one), one["samples"][:1].repeat(2, 1, 1, 1))
    for samples in (torch.zeros(1, 16, 8, 8), torch.zeros(1, 4, 8, 9)):
        with pytest.raises(DiffusionError, match="channels, rows and columns"):
            beside({"samples": samples}, one)
    with pytest.raises(DiffusionError, match="The second one is a picture, and what evolves is a latent"):
        beside(torch.zeros(1, 8, 8, 3), one)
    with pytest.raises(DiffusionError, match="no numbers"):
        beside({"samples": torch.full((1, 4, 8, 8), torch.nan)}, one)


def test_a_mask_is_stretched_cut_to_its_range_and_used_in_turn() -> None:
    mask = torch.stack((torch.zeros(4, 4), torch.full((4, 4), 2.0)))
    planes = mask_beside(mask, torch.zeros(3, 5, 8, 16))
    assert planes.shape == (3, 1, 8, 16)
    assert planes.mean((1, 2, 3)).tolist() == [0.0, 1.0, 0.0]
    with pytest.raises(DiffusionError, match="mask holds values that are no numbers"):
        mask_beside(mask / 0, torch.zeros(1, 1, 4, 4))


@pytest.mark.parametrize(
    ("channels", "latent", "mode"), [(1, False, "L"), (4, False, "RGBA"), (16, True, "RGB"), (2, True, "L")]
)
def test_a_preview_is_a_small_picture_of_the_first(channels: int, latent: bool, mode: str) -> None:
    picture = preview(torch.randn(2, channels, 300, 600), latent=latent)
    assert picture.mode == mode
    assert picture.size == (256, 128)
