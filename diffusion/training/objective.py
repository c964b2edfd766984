"""What training makes small: the difference between what the network gives and what it should have given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F  # noqa: N812 - torch's own habit

from diffusion.training.levels import Mix, column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

_LOSSES: dict[str, Callable[..., Tensor]] = {
    "MSE": F.mse_loss,
    "L1": F.l1_loss,
    "Huber": F.huber_loss,
    "SmoothL1": F.smooth_l1_loss,
}


def loss_of(
    output: Tensor, wanted: Tensor, kind: str, mixes: Sequence[Mix], snr_gamma: float, mask: Tensor | None
) -> Tensor:
    """The mean loss of a batch [batch, channels, h, w], one number.

    `mask` [batch, 1, h, w] says where it counts, by how much. With `snr_gamma` each item is weighted by
    min(snr, gamma) / snr in the prediction of noise, and by what is equal to that in other predictions
    (arXiv 2303.09556, section 3.4).
    """
    if mask is None and not snr_gamma:
        return _LOSSES[kind](output, wanted)
    each = _LOSSES[kind](output, wanted, reduction="none")
    if mask is not None:
        each = each * (mask / mask.mean().clamp_min(1e-6))
    if snr_gamma:
        each = each * column([min(mix.snr, snr_gamma) * mix.stretch**2 for mix in mixes], each)
    return each.mean()
