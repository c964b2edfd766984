"""Equal work in flight is done once: across the runs of an engine, and the items of a stream.

The first call to board under a key leads and does the work. Those that come while it is at work are told when it lands:
with its result, or with None, and then each has to see for itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from graph.results.result import Key, Result

Landed = Callable[[Result | None], None]


class SingleFlight:
    """The calls at work by deep key. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Key, list[Landed]] = {}

    def board(self, key: Key) -> bool:
        """Whether the caller leads; if not, it may `follow`."""
        mine: list[Landed] = []
        return self._waiting.setdefault(key, mine) is mine

    def follow(self, key: Key, landed: Landed) -> bool:
        """Have `landed` called when the leader has landed; False when it has already."""
        with self._lock:
            waiting = self._waiting.get(key)
            if waiting is None:
                return False
            waiting.append(landed)
            return True

    def land(self, key: Key, result: Result | None) -> None:
        """The leader has its result, or will never have one."""
        with self._lock:
            waiting = self._waiting.pop(key, ())
        for landed in waiting:
            landed(result)
