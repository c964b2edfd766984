"""How much memory the weights of a module take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import torch
    from torch import Tensor


def weight_bytes(module: torch.nn.Module) -> int:
    """Bytes of parameters and buffers, shared ones counted once."""
    tensors: Iterable[Tensor] = [*module.parameters(), *module.buffers()]
    unique = {tensor.data_ptr(): tensor.nbytes for tensor in tensors if not tensor.is_meta}
    return sum(unique.values())
