"""Ctrl+C cancels a run at its next step; a second one ends the wait for it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from graph.node_types.context import CancelToken


@contextmanager
def cancel_on_interrupt(token: CancelToken) -> Iterator[threading.Event]:
    """Within it, the first interrupt cancels the run and the next ones do what they did before. Gives an event that is
    set by the interrupt.

    Does nothing outside the main thread, and where the program or its surroundings ignore interrupts.
    """
    came = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    previous = signal.getsignal(signal.SIGINT)
    if not callable(previous):
        yield came
        return

    def interrupted(*_: object) -> None:
        signal.signal(signal.SIGINT, previous)
        came.set()
        token.cancel()

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield came
    finally:
        if signal.getsignal(signal.SIGINT) is interrupted:
            signal.signal(signal.SIGINT, previous)
