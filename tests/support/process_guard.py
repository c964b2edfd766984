"""Refuses that a test starts a process unless it is marked for it: `make check` leaves those tests out.

Python tells of each start by an audit event. The process is not started; and where the code under test catches what is
raised, the test fails at its end.
"""

from __future__ import annotations

import sys

import pytest

MARKS = ("process", "browser")
"""A test with one of these may start processes."""
STARTS = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "os.exec"})


class ProcessStarted(RuntimeError):  # noqa: N818 - it says what happened
    """A test without the mark wanted to start a process."""


class ProcessGuard:
    """Watches one test after the other."""

    def __init__(self) -> None:
        self.watches = False
        self.refused: list[str] = []

    def install(self) -> None:
        """Listen to the audit events of this process, until it ends."""
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        """Refuse a start while a test without the mark is at work."""
        if self.watches and event in STARTS:
            said = f"{event} {arguments[1] if len(arguments) > 1 else ''}".strip()
            self.refused.append(said)
            raise ProcessStarted(f"{said}: mark the test with @pytest.mark.process, or do without a process")

    def begin(self, test: pytest.Item) -> None:
        """A test begins."""
        self.refused.clear()
        self.watches = not any(test.get_closest_marker(mark) for mark in MARKS)

    def end(self) -> list[str]:
        """A test has ended; returns what it wanted to start."""
        self.watches = False
        return [*self.refused]
