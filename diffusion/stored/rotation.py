"""The rotation of a weight that was done before it was made int8, and its undoing, which is the same.

ConvRot (arXiv 2512.03673) multiplies groups of a weight's input features by a regular Hadamard matrix, so that a
single large value is spread over its group. The matrix is a Kronecker power of

    1  1  1 -1
    1  1 -1  1
    1 -1  1  1
   -1  1  1  1

divided by the root of its size: symmetric and orthogonal, so that it is its own inverse.
Free of torch until it computes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def is_group(size: int) -> bool:
    """Whether there is such a matrix of this size: a power of four."""
    return size >= 4 and size & (size - 1) == 0 and size.bit_length() % 2 == 1


def rotate(columns: Tensor, group: int) -> Tensor:
    """Rotates [width, count] in groups of `group` along its first dimension; the second time gives back the first.

    `columns` is contiguous, and used up. One factor of four at a time is done by adding and subtracting: the bits of a
    column are the same whatever columns are with it. A factor makes of each value half the sum of its four less the
    value that lies opposite; what lies opposite in all factors is the group in reverse.
    Raises ValueError for a group that is no power of four or does not fill the width.
    """
    if not is_group(group) or columns.shape[0] % group:
        raise ValueError(
            f"groups of {group} along a width of {columns.shape[0]}; expected a power of 4 that divides it"
        )
    import torch

    count, stride = columns.shape[1], 1
    while stride < group:
        fours = columns.view(-1, 4, stride * count)
        first, second, third, fourth = fours.unbind(1)
        half = (first + second).add_(third).add_(fourth).mul_(0.5)
        torch.sub(half.unsqueeze(1), fours, out=fours)
        stride *= 4
    return columns.view(-1, group, count).flip(1).view(columns.shape)
