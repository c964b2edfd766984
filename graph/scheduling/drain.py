"""Notices when a run has nothing left to do but reading and writing, so that another may have the device."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from graph.scheduling.lanes import Task


class Drain:
    """Counts what is under way. Tells once: a graph that a node returns later is not foreseen."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell: Callable[[], None] | None = tell
        self._lock = threading.Lock()
        self._busy = 0
        self._writing = 0

    def add(self, tasks: Iterable[Task]) -> None:
        """Some more has to be done."""
        with self._lock:
            for task in tasks:
                if task.lane == "io":
                    self._writing += 1
                else:
                    self._busy += 1

    def done(self, task: Task) -> None:
        """Something is done, or will not be."""
        with self._lock:
            if task.lane == "io":
                self._writing -= 1
                return
            self._busy -= 1
            if self._busy or not self._writing or self._tell is None:
                return
            tell, self._tell = self._tell, None
        tell()
