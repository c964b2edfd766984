"""A weight of one type is what it is: cast when asked, and not copied where nothing is to be cast."""

from __future__ import annotations

import pytest
import torch

from diffusion.stored.plain import Plain


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_what_has_the_type_already_is_not_copied(dtype: torch.dtype) -> None:
    data = torch.randn(4, 6).to(dtype)
    assert Plain(data).widen(dtype).data_ptr() == data.data_ptr()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2])
@pytest.mark.parametrize("wide", [torch.float32, torch.bfloat16])
def test_a_narrow_weight_is_widened_as_torch_does(dtype: torch.dtype, wide: torch.dtype) -> None:
    data = torch.randn(33, 5, 3, generator=torch.Generator().manual_seed(0)).to(dtype)
    assert torch.equal(Plain(data).widen(wide), data.to(torch.float32).to(wide))


@pytest.mark.parametrize("dtype", [torch.float16, torch.float8_e4m3fn])
def test_rows_are_a_view_and_taken_rows_a_copy(dtype: torch.dtype) -> None:
    data = torch.randn(8, 4).to(dtype)
    stored = Plain(data)
    assert torch.equal(stored.rows(2, 5).widen(torch.float32), data[2:5].float())
    assert stored.rows(2, 5).data.untyped_storage().data_ptr() == data.untyped_storage().data_ptr()
    index = torch.tensor([7, 0, 7])
    assert torch.equal(stored.take(index).widen(torch.float32), data.float()[index])


def test_rows_that_are_not_there_are_an_error() -> None:
    with pytest.raises(IndexError, match="rows 6 to 9"):
        Plain(torch.zeros(8, 4)).rows(6, 9)


def test_a_convolution_of_one_pixel_can_become_a_matrix_and_nothing_else() -> None:
    stored = Plain(torch.randn(8, 4, 1, 1))
    assert stored.reshaped(8, 4).shape == (8, 4)
    with pytest.raises(ValueError, match="cannot have the shape"):
        stored.reshaped(4, 8)


@pytest.mark.parametrize(
    ("dtype", "name"),
    [(torch.float16, "fp16"), (torch.bfloat16, "bf16"), (torch.float32, "fp32"), (torch.float8_e4m3fn, "fp8 e4m3")],
)
def test_its_format_has_the_name_that_the_field_uses(dtype: torch.dtype, name: str) -> None:
    assert Plain(torch.zeros(2, 2).to(dtype)).format == name
