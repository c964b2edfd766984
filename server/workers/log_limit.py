"""Limits the lines that nodes print into the log: so many a second, and the number of the others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

MOST_LINES = 200
_LOG = logging.getLogger("jacquard.worker")


class LogLimit:
    """A limit of lines a second: a node that prints without end neither fills a disk nor keeps the server busy."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._logged = self._left_out = 0

    def take(self, lines: int) -> int:
        """Returns how many of some lines to log."""
        if self._clock() - self._since >= 1.0:
            self.report_left_out()
        logged = min(lines, MOST_LINES - self._logged)
        self._logged += logged
        self._left_out += lines - logged
        return logged

    def report_left_out(self) -> None:
        """Logs how many lines were left out, and resets the count."""
        if self._left_out:
            _LOG.info("(%d further lines are not logged: at most %d a second are)", self._left_out, MOST_LINES)
        self._since, self._logged, self._left_out = self._clock(), 0, 0
