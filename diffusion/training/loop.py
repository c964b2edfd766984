"""The loop of training, whatever is trained: steps, gradients, progress, and how it goes on after it was stopped.

The dice of each batch come from the seed and its number. So nothing that happened before a step counts but what was
learned, and a run that was stopped anywhere comes to the result of one that was not.
"""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from diffusion.errors import Cancelled, DiffusionError
from diffusion.training.memory_guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from torch import Generator, Tensor
    from torch.optim import Optimizer

    from diffusion.training.checkpoint import Checkpoint
    from diffusion.training.settings import Settings


@dataclass(frozen=True)
class Step:
    """A step that was made: `step` counts from 1 to `total`. `losses` are those of all steps until now, those before an
    interruption among them. `seconds_done` is how long this run has taken; `seconds_left` is None until there is a step
    to go by."""

    step: int
    total: int
    losses: Sequence[float]
    seconds_done: float
    seconds_left: float | None


def train(
    parameters: Sequence[Tensor],
    loss_of: Callable[[int, Generator], Tensor],
    settings: Settings,
    *,
    group_of: Callable[[int], Hashable] = lambda _: None,
    checkpoint: Checkpoint | None = None,
    on_step: Callable[[Step], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[float]:
    """Trains parameters in place; returns the loss of each step.

    `loss_of` gives the loss of the batch of a number; `group_of` says which batches need about as much memory. What
    was learned is saved when a checkpoint is due, at the end, and when the run is stopped by anything.

    Raises DiffusionError when a loss is no number or memory is too small, Cancelled, and whatever `on_step` raises.
    """
    optimizer = _optimizer(settings, parameters)
    losses = checkpoint.restore(parameters, optimizer) if checkpoint is not None else []
    tried: set[Hashable] = set()
    dice = torch.Generator()
    clock = _Clock()
    whole = True
    try:
        for step in range(len(losses), settings.steps):
            for group in optimizer.param_groups:
                group["lr"] = settings.rate(step)
            total = 0.0
            for number in range(step * settings.accumulation, (step + 1) * settings.accumulation):
                if cancelled is not None and cancelled():
                    raise Cancelled
                dice.manual_seed(_seed(settings.seed, number))
                with guarded(tried, group_of(number)):
                    loss = loss_of(number, dice)
                (loss if settings.accumulation == 1 else loss / settings.accumulation).backward()
                total += float(loss.detach()) / settings.accumulation
            if not math.isfinite(total):
                raise _not_finite(step)
            whole = False
            optimizer.step()
            whole = True
            optimizer.zero_grad(set_to_none=True)
            losses.append(total)
            if checkpoint is not None and checkpoint.is_due():
                checkpoint.save(parameters, optimizer, losses)
            if on_step is not None:
                on_step(Step(step + 1, settings.steps, losses, *clock.done_and_left(settings.steps - step - 1)))
    finally:
        if checkpoint is not None and losses and whole:
            checkpoint.save(parameters, optimizer, losses)
    return losses


class _Clock:
    """How long it still takes: by the steps since the first, which is slower than the others."""

    def __init__(self) -> None:
        self._began = self._first = time.monotonic()
        self._steps = -1

    def done_and_left(self, steps: int) -> tuple[float, float | None]:
        self._steps += 1
        now = time.monotonic()
        if self._steps == 0:
            self._first = now
        return now - self._began, (now - self._first) / self._steps * steps if self._steps else None


def _optimizer(settings: Settings, parameters: Sequence[Tensor]) -> Optimizer:
    """All parameters in one go, which is many times faster than one after the other."""
    rate = settings.rate(0)
    if settings.optimizer == "AdamW":
        return torch.optim.AdamW(parameters, lr=rate, fused=True)
    if settings.optimizer == "Adam":
        return torch.optim.Adam(parameters, lr=rate, fused=True)
    if settings.optimizer == "SGD":
        return torch.optim.SGD(parameters, lr=rate, fused=True)
    return torch.optim.RMSprop(parameters, lr=rate, foreach=True)


def _seed(seed: int, number: int) -> int:
    digest = hashlib.blake2b(f"{seed} {number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def _not_finite(step: int) -> DiffusionError:
    return DiffusionError(
        f"In step {step + 1} the loss is no number any more: the steps were too large.",
        remedy="Lower the learning rate, to a tenth for a start, or train in fp32.",
        input="learning_rate",
    )
