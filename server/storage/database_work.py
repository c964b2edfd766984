"""A piece of work for the database's thread, and who is told what became of it. When it is done is in `database`."""

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
    """A piece of work. One that is `held` is done again until the disk takes it; `told` says whether it is on disk."""

    work: Work[Any]
    is_awaited: bool
    held: bool = False
    weight: int = 0
    """Bytes, of what may be dropped."""
    done: Future[Any] = field(default_factory=Future)
    written: Future[bool] | None = None

    def finish(self, result: Any) -> None:
        """The work is done, and what it wrote is on the disk."""
        if self.done.set_running_or_notify_cancel():
            self.done.set_result(result)
        if self.written is not None and self.written.set_running_or_notify_cancel():
            self.written.set_result(True)

    def fail(self, error: Exception) -> None:
        """The work failed and is not done again."""
        if self.done.set_running_or_notify_cancel():
            self.done.set_exception(error)
        self.report_held()

    def report_held(self) -> None:
        """It is not on the disk now; whoever asked whether it is gets the answer once."""
        if self.written is not None and self.written.set_running_or_notify_cancel():
            self.written.set_result(False)
        self.written = None


def call_with_result(done: asyncio.Future[T], then: Callable[[T], None]) -> None:
    """Call `then` with the result of work that went well."""
    if not done.cancelled() and done.exception() is None:
        then(done.result())


def log_failure(future: Future[Any]) -> None:
    """Log why work failed that nobody waits for."""
    if not future.cancelled() and (error := future.exception()) is not None:
        _LOG.error("the database refused a change: %s", error)
