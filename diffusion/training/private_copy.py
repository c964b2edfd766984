"""A copy of a loaded module that training may do with as it likes, over the same weights.

The copy has modules of its own, so hooks and settings of it are nobody else's. Its parameters are new objects over the
tensors of the original, which nobody writes to; only where training computes in another type there is a second one.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from diffusion.stored.modules import StoredWeight

if TYPE_CHECKING:
    from torch import dtype


def private_copy(module: nn.Module, computes_in: dtype, trains_in: dtype, *, own_weights: bool = False) -> nn.Module:
    """The copy. The caller holds the lock of the module, so that no hook of a run is copied.

    Weights of the type `computes_in` get the type `trains_in`; others, which are kept wide on purpose or lie as they
    are stored, stay. With `own_weights` all parameters are copies in float32, to be trained themselves.
    """
    known: dict[int, Any] = {}
    with torch.inference_mode(mode=False), torch.no_grad():
        for parameter in module.parameters():
            wanted = torch.float32 if own_weights else trains_in if parameter.dtype == computes_in else parameter.dtype
            known[id(parameter)] = nn.Parameter(_usable(parameter, wanted, own=own_weights), requires_grad=False)
        for buffer in module.buffers():
            known[id(buffer)] = _usable(buffer, buffer.dtype)
        copied = copy.deepcopy(module, known)
        for part in copied.modules():
            if isinstance(part, StoredWeight) and part.dtype == computes_in:
                part._buffers["weight_dtype"] = torch.empty(0, dtype=trains_in, device=part.stored.device)
    return copied


def _usable(tensor: Tensor, wanted: dtype, *, own: bool = False) -> Tensor:
    """Outside of inference mode, over the same memory where that can be."""
    made = tensor.detach().to(wanted)
    return made.clone() if (own and made.data_ptr() == tensor.data_ptr()) or made.is_inference() else made
