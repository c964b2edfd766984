"""The rotation is the product with the regular Hadamard matrix of the paper, and undoes itself."""

from __future__ import annotations

import pytest
import torch

from diffusion.stored.rotation import is_group, rotate
from tests.support.quantised_files import regular_hadamard


def turned(rows: torch.Tensor, group: int) -> torch.Tensor:
    """Each row of a matrix, rotated."""
    return rotate(rows.t().contiguous(), group).t()


@pytest.mark.parametrize("group", [4, 16, 64, 256])
def test_it_is_the_product_with_the_matrix(group: int) -> None:
    rows = torch.randn(6, 2 * group, dtype=torch.float64)
    expected = (rows.view(6, 2, group) @ regular_hadamard(group).double().T).view(6, -1)
    torch.testing.assert_close(turned(rows, group), expected, rtol=1e-12, atol=1e-12)


def test_the_second_time_gives_back_the_first() -> None:
    rows = torch.randn(6, 512)
    torch.testing.assert_close(turned(turned(rows, 256), 256), rows)


def test_the_bits_of_a_row_do_not_depend_on_the_others() -> None:
    rows = torch.randn(16, 256)
    assert torch.equal(turned(rows, 64)[5:7], turned(rows[5:7], 64))


@pytest.mark.parametrize(("group", "width"), [(2, 8), (8, 8), (128, 256), (256, 320), (0, 4)])
def test_other_groups_are_an_error(group: int, width: int) -> None:
    with pytest.raises(ValueError, match="power of 4"):
        rotate(torch.zeros(width, 2), group)


def test_groups_are_the_powers_of_four() -> None:
    assert [size for size in range(-4, 1100) if is_group(size)] == [4, 16, 64, 256, 1024]
