"""Memory for one wide weight on a CPU, used again from layer to layer while a model computes.

Fresh memory for each layer would cost more than widening itself: the system hands it out page by page, and clears
each. It is opened by the first call of a model, in that thread, and given back when that call ends.
"""

from __future__ import annotations

import math
import threading
from typing import Any

import torch
from torch import Tensor, nn


class _Scratch(threading.local):
    owner: nn.Module | None = None
    memory: Tensor | None = None


_SCRATCH = _Scratch()


def serve(model: nn.Module) -> None:
    """Opens a scratch for the time of each call of a model from now on; once is enough."""
    if _open not in model._forward_pre_hooks.values():
        model.register_forward_pre_hook(_open)
        model.register_forward_hook(_close, always_call=True)


def empty(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """A tensor with any values. Inside a model's call on a CPU it is valid until the next one is asked for.

    While gradients are recorded it is always a new one: they need the weights of all layers.
    """
    if _SCRATCH.owner is None or device.type != "cpu" or torch.is_grad_enabled():
        return torch.empty(shape, dtype=dtype, device=device)
    size = math.prod(shape) * dtype.itemsize
    if _SCRATCH.memory is None or _SCRATCH.memory.numel() < size:
        _SCRATCH.memory = None  # before there is the larger one
        _SCRATCH.memory = torch.empty(size, dtype=torch.uint8)
    return _SCRATCH.memory[:size].view(dtype).view(shape)


def _open(model: nn.Module, _arguments: Any) -> None:
    if _SCRATCH.owner is None:
        _SCRATCH.owner = model


def _close(model: nn.Module, _arguments: Any, _result: Any) -> None:
    if _SCRATCH.owner is model:
        _SCRATCH.owner = _SCRATCH.memory = None
