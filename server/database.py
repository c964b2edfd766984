"""The database: SQLite in one file, touched by one thread only, so that the event loop never waits for a disk.

Work is done in the order in which it was given; it may be done again when what it was done together with fails.
What piles up while the disk is busy goes into one transaction, each piece behind a savepoint of its own: one sync
to disk serves many. Work that nobody waits for is done together with the next that somebody waits for, but not later
than `PATIENCE` seconds after it was given. Work that was awaited is on the disk (WAL, synchronous=FULL).
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
_LOG = logging.getLogger("jacquard.server")
_MOST_TOGETHER = 200
PATIENCE = 0.05


class DatabaseUnusableError(RuntimeError):
    """The file cannot be used; the message says what to do."""


class _Item(NamedTuple):
    """A piece of work."""

    work: Work[Any]
    future: Future[Any]
    is_awaited: bool


class Database:
    """One SQLite file and its thread. Close it when done. Raises `DatabaseUnusableError`.

    `steps` has, for each version after the first, what brings a file up to it from the one before.
    """

    def __init__(self, path: Path, schema: str, version: int, steps: Mapping[int, str] | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._work: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._connection = _open(path, schema, version, steps or {})
        self._thread = threading.Thread(target=self._run, name="jacquard-database", daemon=True)
        self._thread.start()

    def do(self, work: Work[T]) -> asyncio.Future[T]:
        """Do some work, in line from now on; once this has been awaited, what it wrote is on the disk."""
        return asyncio.wrap_future(self._enqueue(work, is_awaited=True))

    def later(self, work: Work[object]) -> None:
        """Do some work soon, before all that is given later. What goes wrong is logged."""
        self._enqueue(work, is_awaited=False).add_done_callback(_log_failure)

    def close(self) -> None:
        """Finish the work that was given and close the file."""
        self._work.put(None)
        self._thread.join()
        self._connection.close()

    def _enqueue(self, work: Work[T], *, is_awaited: bool) -> Future[T]:
        future: Future[T] = Future()
        self._work.put(_Item(work, future, is_awaited))
        return future

    def _run(self) -> None:
        going_on = True
        while going_on:
            batch = self._gather()
            going_on = None not in batch
            self._transact([item for item in batch if item is not None])

    def _gather(self) -> list[_Item | None]:
        """What is to be done together: all that is there, and what comes while nobody waits."""
        item = self._work.get()
        batch = [item]
        until = time.monotonic() + PATIENCE
        is_awaited = False
        while len(batch) < _MOST_TOGETHER:
            is_awaited = is_awaited or item is None or item.is_awaited
            try:
                item = self._work.get(timeout=0.0 if is_awaited else max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            batch.append(item)
        return batch

    def _transact(self, batch: list[_Item]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        failed: list[tuple[Future[Any], Exception]] = []
        try:
            self._connection.execute("BEGIN")
            for work, future, _ in batch:
                self._connection.execute("SAVEPOINT one")
                try:
                    done.append((future, work(self._connection)))
                except Exception as error:
                    if not self._connection.in_transaction:
                        raise  # a full disk takes the whole transaction along
                    self._connection.execute("ROLLBACK TO one")
                    failed.append((future, error))
                self._connection.execute("RELEASE one")
            self._connection.execute("COMMIT")
        except Exception as reason:  # noqa: BLE001 - goes to whoever asked for the work; this thread lives on
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if len(batch) > 1:
                for item in batch:
                    self._transact([item])  # so that only what cannot be done is not done
                return
            done, failed = [], [(batch[0].future, reason)]
        for future, result in done:
            if future.set_running_or_notify_cancel():
                future.set_result(result)
        for future, failure in failed:
            if future.set_running_or_notify_cancel():
                future.set_exception(failure)


def _open(path: Path, schema: str, version: int, steps: Mapping[int, str]) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        for line in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {line}")
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found > version:
            connection.close()
            raise DatabaseUnusableError(f"{path} was written by a newer version of Jacquard. Update this one.")
        for step in range(found + 1, version + 1) if found else ():
            connection.executescript(f"BEGIN; {steps[step]} PRAGMA user_version = {step}; COMMIT;")
        connection.executescript(schema)
    except sqlite3.Error as error:
        raise DatabaseUnusableError(
            f"The database {path} cannot be used: {error}. Move it away to begin with an empty queue; pictures stay."
        ) from error
    return connection


def _log_failure(future: Future[Any]) -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        _LOG.error("the database refused a change: %s", error)
