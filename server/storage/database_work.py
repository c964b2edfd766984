"""One piece of work for the database's thread, and the futures that report its result. `database` schedules it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
_LOG = logging.getLogger("jacquard.server")


@dataclass(slots=True, eq=False)
class WorkItem:
    """One piece of work. `held` work is retried until the disk accepts it; `written` is the result of the first try."""

    work: Work[Any]
    is_awaited: bool
    held: bool = False
    weight: int = 0
    """Size in bytes, of work that may be dropped."""
    done: Future[Any] = field(default_factory=Future)
    written: Future[bool] | None = None

    def finish(self, result: Any) -> None:
        """Reports that the work is done, and what it wrote is on the disk."""
        if self.done.set_running_or_notify_cancel():
            self.done.set_result(result)
        if self.written is not None and self.written.set_running_or_notify_cancel():
            self.written.set_result(True)

    def fail(self, error: Exception) -> None:
        """Reports that the work failed and is not retried."""
        if self.done.set_running_or_notify_cancel():
            self.done.set_exception(error)
        self.report_held()

    def report_held(self) -> None:
        """Reports, once, that the work is not on the disk now."""
        if self.written is not None and self.written.set_running_or_notify_cancel():
            self.written.set_result(False)
        self.written = None


def call_with_result(done: asyncio.Future[T], then: Callable[[T], None]) -> None:
    """Calls `then` with the result, if the work succeeded."""
    if not done.cancelled() and done.exception() is None:
        then(done.result())


def log_failure(future: Future[Any]) -> None:
    """Logs the error of work that nobody awaits."""
    if not future.cancelled() and (error := future.exception()) is not None:
        _LOG.error("the database refused a change: %s", error)
