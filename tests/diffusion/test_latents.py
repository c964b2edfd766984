"""Making and scaling latents, and the interpolation on the sphere."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.choices import LATENT_UPSCALE_METHODS
from diffusion.errors import DiffusionError
from diffusion.latents import empty, is_empty, set_noise_mask, upscale, upscale_by
from diffusion.slerp import bislerp, slerp


def latent(rows: int = 8, columns: int = 16, **more: Any) -> dict[str, Any]:
    samples = torch.randn((2, 4, rows, columns), generator=torch.Generator().manual_seed(0))
    return {"samples": samples, "origin": "elsewhere", **more}


def test_an_empty_latent_has_the_fields_shape() -> None:
    made = empty(512, 256, 3)
    assert made["samples"].shape == (3, 4, 32, 64)
    assert is_empty(made["samples"])


@pytest.mark.parametrize("size", [(4, 64, 1), (64, 0, 1), (64, 64, 0)])
def test_a_latent_of_nothing_is_refused(size: tuple[int, int, int]) -> None:
    with pytest.raises(DiffusionError, match="cannot be made"):
        empty(*size)


@pytest.mark.parametrize("method", LATENT_UPSCALE_METHODS)
def test_scaling_gives_the_size_in_pixels_and_carries_other_keys(method: str) -> None:
    scaled = upscale(latent(), method, 192, 96)
    assert scaled["samples"].shape == (2, 4, 12, 24)
    assert scaled["origin"] == "elsewhere"
    assert upscale_by(latent(), method, 1.5)["samples"].shape == (2, 4, 12, 24)


def test_a_side_of_zero_keeps_the_proportions() -> None:
    assert upscale(latent(), "area", 256, 0)["samples"].shape[-2:] == (16, 32)
    assert upscale(latent(), "area", 0, 128)["samples"].shape[-2:] == (16, 32)
    assert torch.equal(upscale(latent(), "area", 0, 0)["samples"], latent()["samples"])


def test_a_latent_that_knows_its_scale_is_measured_by_it() -> None:
    assert upscale(latent(downscale_ratio_spacial=4), "area", 128, 64)["samples"].shape[-2:] == (16, 32)


def test_cropping_to_the_centre_keeps_the_proportions_of_what_is_shown() -> None:
    scaled = upscale(latent(), "nearest-exact", 64, 64, "center")["samples"]
    assert torch.equal(scaled, latent()["samples"][..., 4:12])
    tall = upscale(latent(16, 8), "nearest-exact", 64, 64, "center")["samples"]
    assert torch.equal(tall, latent(16, 8)["samples"][..., 4:12, :])


@pytest.mark.parametrize(
    ("method", "crop", "socket"), [("lanczos", "disabled", "upscale_method"), ("area", "top", "crop")]
)
def test_unknown_choices_are_refused(method: str, crop: str, socket: str) -> None:
    with pytest.raises(DiffusionError, match="Choose one of") as caught:
        upscale(latent(), method, 128, 128, crop)
    assert caught.value.input == socket


def test_a_noise_mask_is_added_to_a_copy() -> None:
    plain = latent()
    assert set_noise_mask(plain, torch.ones(64, 128))["noise_mask"].shape == (1, 1, 64, 128)
    assert "noise_mask" not in plain


def test_on_the_sphere_a_quarter_turn_passes_its_middle() -> None:
    east, north = torch.tensor([2.0, 0.0]), torch.tensor([0.0, 4.0])
    middle = slerp(east, north, torch.tensor(0.5))
    assert middle.tolist() == pytest.approx([3 * math.sqrt(0.5)] * 2)


@given(t=st.floats(0, 1), a=st.lists(st.floats(-5, 5), min_size=3, max_size=3))
@settings(deadline=None)
def test_on_the_sphere_lengths_change_evenly(t: float, a: list[float]) -> None:
    start, end = torch.tensor(a), torch.tensor([0.0, 0.0, 3.0])
    length = float(slerp(start, end, torch.tensor(t)).norm())
    straight = float(start.norm() * (1 - t) + end.norm() * t)
    assert length <= straight + 1e-3
    assert slerp(start, end, torch.tensor(0.0)).tolist() == pytest.approx(a, abs=1e-4)
    assert slerp(start, end, torch.tensor(1.0)).tolist() == pytest.approx(end.tolist(), abs=1e-4)


def test_opposite_and_empty_vectors_are_mixed_on_a_straight_line() -> None:
    up = torch.tensor([0.0, 1.0])
    assert slerp(up, -up, torch.tensor(0.5)).tolist() == [0.0, 0.0]
    assert slerp(up, up, torch.tensor(0.5)).tolist() == [0.0, 1.0]
    assert slerp(torch.zeros(2), up, torch.tensor(0.5)).isfinite().all()


def test_scaling_on_the_sphere_keeps_what_is_even_and_what_has_the_right_size() -> None:
    even = torch.ones(1, 4, 3, 5) * 2
    assert torch.allclose(bislerp(even, 11, 7), torch.full((1, 4, 7, 11), 2.0))
    samples = latent()["samples"]
    assert torch.allclose(bislerp(samples, 16, 8), samples, atol=1e-6)
