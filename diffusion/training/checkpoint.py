"""What a training that is not finished has come to, in a file: written so that it is whole or not there.

The dice of a step depend on the seed and the number of the step, so weights, optimizer and losses are all there is to
keep: what goes on from it comes to the same result, bit for bit.
"""

from __future__ import annotations

import os
import pickle
import time
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from torch import Tensor
    from torch.optim import Optimizer

NAME = "training.pt"
_FORMAT = 1
_SHARE = 20
"""Saving takes at most about one part in so many of the time."""


@dataclass
class Checkpoint:
    """The checkpoint of one training in a folder; `about` says what it is of, and one of another thing is not used.

    It is due `seconds` after the last one, later where writing takes long. `on_restored` is called with the number of
    steps that were put back, when there are any.
    """

    folder: Path
    about: Mapping[str, str]
    seconds: float = 20.0
    on_restored: Callable[[int], None] | None = None
    steps: int = 0
    """How many steps lie in it, as far as this run knows."""
    _last: float = field(default_factory=time.monotonic)
    _took: float = 0.0

    def is_due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() - self._last >= max(self.seconds, self._took * _SHARE)

    def save(self, trained: Sequence[Tensor], optimizer: Optimizer, losses: Sequence[float]) -> None:
        """Writes what was learned in as many steps as there are losses."""
        began = time.monotonic()
        state = {
            "format": _FORMAT,
            "about": dict(self.about),
            "trained": [tensor.detach() for tensor in trained],
            "optimizer": optimizer.state_dict(),
            "losses": list(losses),
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f"{NAME}.{os.getpid()}"  # another process may train the same
        with part.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.folder / NAME)
        self.steps = len(losses)
        self._last = time.monotonic()
        self._took = self._last - began

    def restore(self, trained: Sequence[Tensor], optimizer: Optimizer) -> list[float]:
        """Puts back what was saved last; returns the losses of the steps that were made. None for none.

        A file that is damaged, or is of something else, is as none.
        """
        state = self._read()
        if state is None:
            return []
        with torch.no_grad():
            for tensor, saved in zip(trained, state["trained"], strict=True):
                tensor.copy_(saved)
        optimizer.load_state_dict(state["optimizer"])
        self.steps = len(state["losses"])
        if self.on_restored is not None:
            self.on_restored(self.steps)
        return list(state["losses"])

    def _read(self) -> dict[str, Any] | None:
        try:
            state = torch.load(self.folder / NAME, map_location="cpu", weights_only=True)
        except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError, zipfile.BadZipFile):
            return None
        is_ours = isinstance(state, dict) and state.get("format") == _FORMAT and state.get("about") == dict(self.about)
        return state if is_ours else None
