"""Eight bits with a scale: the product in float32, rotated back where that was done, then rounded once."""

from __future__ import annotations

import pytest
import torch

from diffusion.stored.scaled import Scaled
from tests.support.quantised_files import regular_hadamard

FP8 = (torch.float8_e4m3fn, torch.float8_e5m2)


def weight(dtype: torch.dtype, *shape: int) -> torch.Tensor:
    numbers = torch.randn(shape, generator=torch.Generator().manual_seed(3)) * 40
    return numbers.round().clamp(-127, 127).to(torch.int8) if dtype == torch.int8 else numbers.to(dtype)


def scale_of(rows: int, *, by_row: bool) -> torch.Tensor:
    return torch.rand(rows if by_row else 1, generator=torch.Generator().manual_seed(4)) * 0.01 + 0.001


@pytest.mark.parametrize("wide", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("by_row", [False, True])
@pytest.mark.parametrize("dtype", [*FP8, torch.int8])
def test_the_values_are_the_product_in_float32_rounded_once(
    dtype: torch.dtype, by_row: bool, wide: torch.dtype
) -> None:
    data, scale = weight(dtype, 24, 6, 3, 3), scale_of(24, by_row=by_row)
    expected = (data.to(torch.float32) * scale.view(-1, 1, 1, 1)).to(wide)
    assert torch.equal(Scaled(data, scale).widen(wide), expected)


@pytest.mark.parametrize("by_row", [False, True])
def test_a_rotated_weight_comes_back_rotated(by_row: bool) -> None:
    data, scale = weight(torch.int8, 24, 128), scale_of(24, by_row=by_row)
    flat = data.float() * scale.view(-1, 1)
    expected = (flat.view(24, 2, 64) @ regular_hadamard(64).T).view(24, 128)
    torch.testing.assert_close(Scaled(data, scale, group=64).widen(torch.float32), expected)


@pytest.mark.parametrize("group", [0, 16])
@pytest.mark.parametrize("by_row", [False, True])
def test_rows_and_taken_rows_have_the_bits_of_the_whole(by_row: bool, group: int) -> None:
    stored = Scaled(weight(torch.int8, 24, 32), scale_of(24, by_row=by_row), group)
    whole = stored.widen(torch.float32)
    assert torch.equal(stored.rows(8, 20).widen(torch.float32), whole[8:20])
    assert torch.equal(stored.rows(8, 20).rows(1, 3).widen(torch.float32), whole[9:11])
    index = torch.tensor([3, 23, 3, 0])
    assert torch.equal(stored.take(index).widen(torch.float32), whole[index])
    assert stored.rows(8, 20).data.untyped_storage().data_ptr() == stored.data.untyped_storage().data_ptr()


def test_a_weight_larger_than_what_is_widened_at_a_time_has_no_seams() -> None:
    data, scale = weight(torch.float8_e4m3fn, 700, 1024), scale_of(700, by_row=True)
    assert torch.equal(Scaled(data, scale).widen(torch.float32), data.to(torch.float32) * scale.view(-1, 1))


def test_it_takes_the_bytes_of_its_data_and_its_scale() -> None:
    assert Scaled(weight(torch.int8, 24, 32), scale_of(24, by_row=True)).nbytes == 24 * 32 + 24 * 4


@pytest.mark.parametrize("scale", [torch.ones(2), torch.ones(4, 1), torch.ones(())])
def test_a_scale_that_is_not_of_the_rows_is_an_error(scale: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="a scale of the shape"):
        Scaled(torch.zeros(4, 4, dtype=torch.int8), scale)


def test_groups_that_do_not_fill_a_row_are_an_error() -> None:
    with pytest.raises(ValueError, match="do not fill"):
        Scaled(torch.zeros(4, 24, dtype=torch.int8), torch.ones(1), group=16)


def test_its_format_says_whether_it_is_rotated() -> None:
    data = torch.zeros(4, 16, dtype=torch.int8)
    assert [Scaled(data, torch.ones(1), group).format for group in (0, 16)] == ["int8", "int8 rotated"]
    assert Scaled(data.view(torch.float8_e5m2), torch.ones(1)).format == "fp8 scaled"
