"""Cancelling, between the engine's word for it and the model code's: the one place where they meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import diffusion
from graph.api import CancelledError, NodeContext


@contextmanager
def cancellable(ctx: NodeContext) -> Iterator[Callable[[], bool]]:
    """Gives what model code asks to learn whether to stop; its `Cancelled` leaves as `CancelledError`."""
    try:
        yield lambda: ctx.cancelled
    except diffusion.errors.Cancelled:
        raise CancelledError from None
