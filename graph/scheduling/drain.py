"""Notices when a run has nothing left to do but reading and writing, so that another may have the device."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from graph.scheduling.lanes import Task


class Drain:
    """Counts pending tasks; reports once when only io tasks are left. Graphs that nodes return are not anticipated."""

    def __init__(self, report: Callable[[], None]) -> None:
        self._report: Callable[[], None] | None = report
        self._lock = threading.Lock()
        self._busy = 0
        self._writing = 0

    def add(self, tasks: Iterable[Task]) -> None:
        """Count more pending tasks."""
        with self._lock:
            for task in tasks:
                if task.lane == "io":
                    self._writing += 1
                else:
                    self._busy += 1

    def done(self, task: Task) -> None:
        """A task has ended, or will never run."""
        with self._lock:
            if task.lane == "io":
                self._writing -= 1
                return
            self._busy -= 1
            if self._busy or not self._writing or self._report is None:
                return
            report, self._report = self._report, None
        report()
