"""The rotation of a weight that was done before it was made int8, and its undoing, which is the same.

ConvRot (arXiv 2512.03673) multiplies groups of a weight's input features by a regular Hadamard matrix, so that a
single large value is spread over its group. The matrix is a Kronecker power of

    1  1  1 -1
    1  1 -1  1
    1 -1  1  1
   -1  1  1  1

divided by the root of its size: symmetric and orthogonal, so that it is its own inverse.
Free of torch: it only adds and multiplies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def is_group(size: int) -> bool:
    """Whether there is such a matrix of this size: a power of four."""
    return size >= 4 and size & (size - 1) == 0 and size.bit_length() % 2 == 1


def rotate(rows: Tensor, group: int) -> Tensor:
    """Rotates float32 [rows, width] in groups of `group` along its width; the second time gives back the first.

    One factor of four at a time, by adding and subtracting: each row's bits are the same whatever rows are with it.
    Raises ValueError for a group that is no power of four or does not fill the width.
    """
    if not is_group(group) or rows.shape[-1] % group:
        raise ValueError(f"groups of {group} along a width of {rows.shape[-1]}; expected a power of 4 that divides it")
    wide, stride = rows, 1
    while stride < group:
        a, b, c, d = wide.reshape(-1, 4, stride).unbind(1)
        turned = wide.new_empty(a.shape[0], 4, stride)
        half = (a + b).add_(c).add_(d).mul_(0.5)
        for place, value in enumerate((d, c, b, a)):  # each row of the matrix is all ones but for one of them
            turned[:, place] = half - value
        wide, stride = turned, stride * 4
    return wide.reshape(rows.shape)
