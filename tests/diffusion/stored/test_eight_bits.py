"""Each of the 256 numbers of eight bits gets its value, also infinities and NaN."""

from __future__ import annotations

import pytest
import torch

from diffusion.stored.eight_bits import readable

ALL = torch.arange(256, dtype=torch.int32).to(torch.uint8)


def values(data: torch.Tensor) -> torch.Tensor:
    numbers, factor = readable(data)
    return numbers.to(torch.float32) * factor


def same(left: torch.Tensor, right: torch.Tensor) -> bool:
    return torch.equal(left.isnan(), right.isnan()) and torch.equal(left.nan_to_num(), right.nan_to_num())


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2, torch.int8])
def test_every_number_becomes_what_torch_makes_of_it(dtype: torch.dtype) -> None:
    assert same(values(ALL.view(dtype)), ALL.view(dtype).to(torch.float32))


def test_every_number_without_nan_among_them_becomes_the_same() -> None:
    """Without a NaN the bits are moved in another way."""
    numbers = ALL[(ALL & 0x7F) != 0x7F].view(torch.float8_e4m3fn)
    assert torch.equal(values(numbers), numbers.to(torch.float32))
    signs = values(numbers).signbit()
    assert torch.equal(signs, numbers.to(torch.float32).signbit()), "a negative zero stays one"


def test_numbers_without_a_value_are_no_error() -> None:
    assert values(torch.empty(0, dtype=torch.float8_e4m3fn)).shape == (0,)
