"""Python's cyclic garbage collector while runs are at work: by the clock, not by the count of objects.

A run makes some containers for every node, none of which is garbage before it ends. The collector would walk all of
them again and again while they become more, which is the one thing in the engine that would grow faster than the graph.
So it rests while any run is at work, and is called twice a second for what is young, and twice a minute for all.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_SECONDS, ALL_SECONDS = 0.5, 30.0
_LOCK = threading.Lock()
_runs = 0  # the collector is one for the process, and so is this
_was_enabled = False


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep the collector from running by itself; may be entered by several runs at once."""
    global _runs, _was_enabled
    with _LOCK:
        if _runs == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _runs += 1
    try:
        yield
    finally:
        with _LOCK:
            _runs -= 1
            if _runs == 0 and _was_enabled:
                gc.enable()


class Clock:
    """Collects when it is time; to be asked now and then while a run is at work."""

    def __init__(self) -> None:
        self._all = time.monotonic() + ALL_SECONDS

    def tick(self) -> None:
        """Collect what is young, or everything."""
        if time.monotonic() < self._all:
            gc.collect(1)
        else:
            gc.collect()
            self._all = time.monotonic() + ALL_SECONDS
