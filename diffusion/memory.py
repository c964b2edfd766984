"""Running out of memory, said in words that help."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def enough_memory(task: str, remedy: str) -> Iterator[None]:
    """Turns torch's out-of-memory error into a DiffusionError with a remedy."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise DiffusionError(f"There was not enough memory for {task}.", remedy=remedy) from error
