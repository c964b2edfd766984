"""Cancelling inside a step: a probe in front of every block of a model, for the time of one call.

A step of a large model can take many seconds, so asking between steps is not enough. The probe only reads and raises;
a call that was cancelled leaves nothing behind, and the same call made again gives what it would have given. While
probes hang on a model, nobody else may run it (`DiffusionModel.lock`); should another thread do so all the same, its
calls are not the ones that are cancelled.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from diffusion.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOCK_POLL_SECONDS = 0.1

# The classes of diffusers that networks are built of; by name, as importing one brings a whole architecture along.
_BLOCKS = {
    "BasicTransformerBlock",
    "FluxSingleTransformerBlock",
    "FluxTransformerBlock",
    "JointTransformerBlock",
    "ResnetBlock2D",
    "T5Block",
}


@contextmanager
def cancellable(module: torch.nn.Module, cancelled: Callable[[], bool] | None) -> Iterator[None]:
    """While inside, a forward pass of `module` raises Cancelled soon after `cancelled()` is true."""
    if cancelled is None:
        yield
        return
    owner = threading.get_ident()

    def probe(*_: object) -> None:
        if threading.get_ident() == owner and cancelled():
            raise Cancelled

    parts = list(module.modules())
    blocks = [part for part in parts if type(part).__name__ in _BLOCKS]
    blocks = blocks or [part for part in parts if isinstance(part, torch.nn.Conv2d)]
    handles = [block.register_forward_pre_hook(probe) for block in blocks]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def holding(lock: threading.RLock, cancelled: Callable[[], bool] | None) -> Iterator[None]:
    """Holds the lock; waiting for it can be cancelled."""
    while not lock.acquire(timeout=_LOCK_POLL_SECONDS):
        if cancelled is not None and cancelled():
            raise Cancelled
    try:
        yield
    finally:
        lock.release()
