"""Refusing what memory does not hold: before training, by what is known, and in the first step, while it is made.

How much a step keeps for its gradients depends on the network, and is known only when it computes. So it is counted
while the first batch of each shape is computed, and training ends before the system would end the process.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from diffusion.errors import DiffusionError
from diffusion.memory import SMALL_BYTES, check_room, memory_left

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from torch import Tensor

_COPIES = {"AdamW": 4, "Adam": 4, "SGD": 2, "RMSprop": 3}
"""What is kept of each number that is trained, itself and its gradient among them."""
_REMEDY = "Train fewer pictures at once (batch_size), smaller ones, or with gradient_checkpointing."


def check_trained(parameters: Sequence[Tensor], optimizer: str) -> None:
    """Raises DiffusionError when there is no memory for what is trained with its gradients and averages."""
    count = sum(parameter.numel() for parameter in parameters)
    check_room(
        f"Training {count:,} numbers",
        (count, _COPIES[optimizer]),
        remedy="Lower the rank, train fewer layers, or train with the optimizer SGD.",
        input="rank",
    )


@contextmanager
def guarded(tried: set[Hashable], group: Hashable) -> Iterator[None]:
    """Counts what is kept for gradients while inside, for the first batch of a group on a CPU.

    Raises DiffusionError when that is more than the memory that was left.
    """
    left = memory_left() if group not in tried else None
    if left is None:
        yield
        return
    seen: set[int] = set()
    kept = 0

    def pack(tensor: Tensor) -> Tensor:
        nonlocal kept
        if tensor.device.type == "cpu" and tensor.data_ptr() not in seen:
            seen.add(tensor.data_ptr())
            kept += tensor.nbytes
            if kept > max(left, SMALL_BYTES):
                raise DiffusionError(
                    f"A step of training keeps more than {kept / 2**30:,.1f} GiB for its gradients; there is no more "
                    "memory.",
                    remedy=_REMEDY,
                    input="batch_size",
                )
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, _same):
        yield
    tried.add(group)


def _same(tensor: Tensor) -> Tensor:
    return tensor
