"""Pictures of any side: what is padded on the way in is cut on the way out, and masks go the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit
from hypothesis import given
from hypothesis import strategies as st

from diffusion import padding
from diffusion.batches import repeat_latent, select_latent
from diffusion.choices import LATENT_UPSCALE_METHODS
from diffusion.latents import set_noise_mask, upscale, upscale_by
from diffusion.slerp import bislerp, bislerp_part
from diffusion.vae import decode_latent, encode_for_inpaint, encode_latent
from tests.support.examples import examples

if TYPE_CHECKING:
    from diffusion.models import Checkpoint, Vae


@pytest.fixture
def vae(checkpoint: Checkpoint) -> Vae:
    return checkpoint.vae


def picture(height: int, width: int, batch: int = 1) -> torch.Tensor:
    return torch.rand((batch, height, width, 3), generator=torch.Generator().manual_seed(0))


def ramp(height: int, width: int, factor: int = 8) -> dict[str, Any]:
    """A latent of a picture of this size whose cells hold where their middles are, in pixels."""
    rows, columns = -(-height // factor), -(-width // factor)
    y = ((torch.arange(rows) + 0.5) * factor).view(-1, 1).expand(rows, columns)
    x = ((torch.arange(columns) + 0.5) * factor).view(1, -1).expand(rows, columns)
    return padding.noted({"samples": torch.stack((x, y, x, y)).unsqueeze(0).float()}, (height, width), factor)


@pytest.mark.network
@pytest.mark.parametrize(("height", "width"), [(37, 51), (32, 41), (33, 48), (5, 3), (1, 100)])
def test_a_picture_comes_back_in_its_size(vae: Vae, height: int, width: int) -> None:
    latent = encode_latent(vae, picture(height, width, 2))
    assert latent["samples"].shape == (2, 4, -(-height // 8), -(-width // 8))
    assert decode_latent(vae, latent).shape == (2, height, width, 3)
    assert decode_latent(vae, repeat_latent(latent, 2)).shape == (4, height, width, 3)
    assert decode_latent(vae, select_latent(latent, 1, 1)).shape == (1, height, width, 3)


@pytest.mark.network
def test_a_latent_of_a_picture_that_fits_says_nothing_of_it(vae: Vae) -> None:
    assert set(encode_latent(vae, picture(32, 48))) == {"samples"}


def test_padding_repeats_the_last_row_and_column_and_leaves_the_picture_where_it_is() -> None:
    pixels = picture(5, 7)
    padded = padding.pad(pixels, 8)
    assert padded.shape == (1, 8, 8, 3)
    assert torch.equal(padded[:, :5, :7], pixels)
    assert torch.equal(padded[:, 5:, :7], pixels[:, 4:5].expand(-1, 3, -1, -1))
    assert torch.equal(padded[:, :5, 7], pixels[:, :, 6])
    assert padding.pad(padded, 8) is padded


@pytest.mark.network
def test_what_was_noted_counts_only_for_the_cells_that_it_was_noted_for(vae: Vae) -> None:
    latent = encode_latent(vae, picture(37, 51))
    other = {**latent, "samples": F.interpolate(latent["samples"], scale_factor=2)}  # a node that knows nothing of it
    assert padding.picture_size(other) is None
    assert decode_latent(vae, other).shape == (1, 80, 112, 3)
    assert set_noise_mask(other, torch.ones(1, 20, 20))["noise_mask"].shape == (1, 1, 20, 20)


@pytest.mark.network
def test_a_mask_is_padded_like_the_picture_and_fitted_to_it_first(vae: Vae) -> None:
    latent = encode_latent(vae, picture(37, 51))
    mask = torch.zeros(1, 37, 51)
    mask[:, :, 40:] = 1
    fitted = set_noise_mask(latent, mask)["noise_mask"]
    assert fitted.shape == (1, 1, 40, 56)
    assert fitted[0, 0, 39, 39:42].tolist() == [0, 1, 1]
    assert fitted[0, 0, 0, 55] == 1
    small = set_noise_mask(latent, torch.ones(1, 64, 64))["noise_mask"]
    assert small.shape == (1, 1, 40, 56)
    wiped = encode_for_inpaint(vae, picture(37, 51), mask, 0)
    assert torch.equal(wiped["noise_mask"], fitted)
    assert padding.picture_size(wiped) == (37, 51)


@pytest.mark.parametrize("method", LATENT_UPSCALE_METHODS)
@pytest.mark.parametrize(
    ("size", "wanted"), [((132, 124), (256, 320)), ((121, 135), (128, 128)), ((130, 90), (72, 64))]
)
def test_a_padded_latent_is_scaled_to_the_size_asked_for_without_its_padding(
    method: str, size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    height, width = size
    scaled = upscale(ramp(height, width), method, wanted[1], wanted[0])
    assert padding.KEY not in scaled
    assert scaled["samples"].shape[-2:] == (wanted[0] // 8, wanted[1] // 8)
    across = scaled["samples"][0, 0, 0] / width * wanted[1]  # where it comes from, in pixels of the new picture
    places = (torch.arange(wanted[1] // 8) + 0.5) * 8
    inner = slice(2, -2)
    tolerance = 0.1 if method == "bilinear" else 8 * wanted[1] / width / 2 + 0.1  # the others make no straight line
    assert float((across - places)[inner].abs().max()) <= tolerance


def test_only_the_picture_s_part_of_a_mask_is_scaled_with_it() -> None:
    mask = torch.zeros(1, 132, 132)
    mask[:, :, 66:] = 1
    scaled = upscale(set_noise_mask(ramp(132, 132), mask), "bilinear", 256, 256)
    assert scaled["noise_mask"].shape == (1, 1, 132, 132)
    assert scaled["noise_mask"][0, 0, 0].sum() == 66


def test_scaling_by_a_factor_keeps_the_picture_s_share() -> None:
    scaled = upscale_by(ramp(132, 121), "bilinear", 2.0)
    assert padding.picture_size(scaled) == (264, 242)
    assert scaled["samples"].shape[-2:] == (34, 32)
    assert padding.picture_size(upscale_by(scaled, "area", 0.5)) == (132, 121)


def test_a_padded_latent_is_cut_to_new_proportions_about_its_picture_s_middle() -> None:
    scaled = upscale(ramp(132, 260), "bilinear", 128, 128, "center")["samples"][0, 0, 0]
    assert abs(float(scaled.mean()) - 130) < 0.1


@examples(30)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 20), st.integers(1, 20))
def test_the_whole_of_a_latent_as_a_part_gives_what_scaling_it_gives(h: int, w: int, rows: int, columns: int) -> None:
    samples = torch.randn((1, 4, h, w), generator=torch.Generator().manual_seed(1))
    box = (0.0, 0.0, float(h), float(w))
    assert torch.equal(bislerp_part(samples, box, (rows, columns)), bislerp(samples, columns, rows))
    for method in ("bilinear", "bicubic"):
        whole = F.interpolate(samples, size=(rows, columns), mode=method)
        torch.testing.assert_close(padding.scale_part(samples, box, (rows, columns), method), whole, atol=1e-3, rtol=0)
    area = padding.scale_part(samples, box, (rows, columns), "area")
    torch.testing.assert_close(area.mean(), samples.mean(), atol=1e-4, rtol=1e-3)
