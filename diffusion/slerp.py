"""Bilinear scaling on the sphere: directions are interpolated along great circles, lengths linearly.

Averaging two latent vectors shortens them, which a model reads as greyness; turning one into the other does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

_ALIGNED = 1 - 1e-5


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """From a (t = 0) to b (t = 1) along the last dimension; t broadcasts over the others.

    Vectors that point the same way or against each other have no plane to turn in and are interpolated linearly.
    """
    t = t.unsqueeze(-1)
    length_a, length_b = a.norm(dim=-1, keepdim=True), b.norm(dim=-1, keepdim=True)
    unit_a = torch.where(length_a > 0, a / length_a, 0.0)
    unit_b = torch.where(length_b > 0, b / length_b, 0.0)
    cosine = (unit_a * unit_b).sum(dim=-1, keepdim=True)
    angle = torch.acos(cosine.clamp(-_ALIGNED, _ALIGNED))
    turned = (unit_a * torch.sin((1 - t) * angle) + unit_b * torch.sin(t * angle)) / torch.sin(angle)
    on_arc = turned * (length_a * (1 - t) + length_b * t)
    return torch.where(cosine.abs() < _ALIGNED, on_arc, a * (1 - t) + b * t)


def bislerp(samples: Tensor, columns: int, rows: int) -> Tensor:
    """Samples [B, C, h, w] -> [B, C, rows, columns]: first along the width, then along the height."""
    return bislerp_part(samples, (0.0, 0.0, float(samples.shape[-2]), float(samples.shape[-1])), (rows, columns))


def bislerp_part(samples: Tensor, box: tuple[float, float, float, float], size: tuple[int, int]) -> Tensor:
    """The same of a box (top, left, height, width) of the samples; `size` is (rows, columns)."""
    top, left, height, width = box
    wide = _stretch(samples.movedim(1, -1).float(), 2, left, width, size[1])
    return _stretch(wide, 1, top, height, size[0]).movedim(-1, 1).to(samples).contiguous()


def _stretch(vectors: Tensor, dim: int, start: float, length: float, size: int) -> Tensor:
    old = vectors.shape[dim]
    # Centres of the new cells in the old grid; the outermost ones stay on its outermost centres.
    place = start + (torch.arange(size, device=vectors.device) + 0.5) * (length / size) - 0.5
    place = place.clamp(0, old - 1)
    low = place.floor().long()
    high = (low + 1).clamp(max=old - 1)
    share = (place - low).reshape([-1 if d == dim else 1 for d in range(vectors.ndim - 1)])
    return slerp(vectors.index_select(dim, low), vectors.index_select(dim, high), share)
