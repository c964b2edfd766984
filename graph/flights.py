"""Equal work in flight is done once: across the runs of an engine, and the items of a stream.

The first call to board under a key leads and does the work. Those that come while it is at work are told when it lands:
with its result, or with None, and then each has to see for itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from graph.result import Key, Result

Landed = Callable[[Result | None], None]


class Flights:
    """The calls at work by deep key. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Key, list[Landed]] = {}

    def board(self, key: Key, landed: Callable[[], Landed]) -> bool:
        """Whether the caller leads. If not, what `landed` gives is called when the leader has landed."""
        with self._lock:
            waiting = self._waiting.get(key)
            if waiting is None:
                self._waiting[key] = []
                return True
            waiting.append(landed())
            return False

    def land(self, key: Key, result: Result | None) -> None:
        """The leader has its result, or will never have one."""
        with self._lock:
            waiting = self._waiting.pop(key, ())
        for landed in waiting:
            landed(result)
