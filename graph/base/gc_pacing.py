"""The pace of Python's cyclic garbage collector during runs: by time, not by the number of new objects.

A run makes some containers for every node, and none of them is garbage before the run ends. With its usual thresholds
the collector would traverse them again and again, and its cost would grow faster than the graph. So automatic
collection is off while any run is active; young objects are collected twice a second, all objects twice a minute.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_SECONDS, ALL_SECONDS = 0.5, 30.0
_LOCK = threading.Lock()
_runs = 0  # there is one collector in a process, so this counter is global, too
_was_enabled = False


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Turn off automatic collection; several runs may enter this at once."""
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
    """Collects when enough time has passed. A run calls `tick` often."""

    def __init__(self) -> None:
        self._all = time.monotonic() + ALL_SECONDS

    def tick(self) -> None:
        """Collect young objects, or all, if it is time."""
        if time.monotonic() < self._all:
            gc.collect(1)
        else:
            gc.collect()
            self._all = time.monotonic() + ALL_SECONDS
