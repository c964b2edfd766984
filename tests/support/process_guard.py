"""Refuses that a test starts a process unless it is marked for it: `make check` leaves those tests out.

The process is not started; and where the code under test catches what is raised, the test fails at its end. What starts
processes is wrapped, once; an audit hook would see more ways, and would cost microseconds at each look at a function.
"""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

MARKS = ("process", "browser")
"""A test with one of these may start processes."""
STARTS = ("fork", "forkpty", "posix_spawn", "posix_spawnp", "system")


class ProcessStarted(RuntimeError):  # noqa: N818 - it says what happened
    """A test without the mark wanted to start a process."""


class ProcessGuard:
    """Watches one test after the other."""

    def __init__(self) -> None:
        self.watches = False
        self.refused: list[str] = []

    def install(self) -> None:
        """Wrap what starts processes, for as long as this one lives."""
        subprocess.Popen.__init__ = self._guarded("subprocess.Popen", subprocess.Popen.__init__)  # type: ignore[method-assign]
        for name in STARTS:
            if hasattr(os, name):
                setattr(os, name, self._guarded(f"os.{name}", getattr(os, name)))

    def _guarded(self, name: str, start: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(start)
        def guarded(*arguments: Any, **options: Any) -> Any:
            if self.watches:
                self.refused.append(name)
                raise ProcessStarted(f"{name}: mark the test with @pytest.mark.process, or do without a process")
            return start(*arguments, **options)

        return guarded

    def begin(self, test: pytest.Item) -> None:
        """A test begins."""
        self.refused.clear()
        self.watches = not any(test.get_closest_marker(mark) for mark in MARKS)

    def end(self) -> None:
        """A test has ended."""
        self.watches = False
