"""The database: SQLite in one file, used by one thread only, so that the event loop never waits for a disk.

Work is executed in the order in which it was given. It may be executed again if other work of its transaction fails.
Work that arrives while the disk is busy goes into one transaction, each piece behind its own savepoint: one sync to
disk serves many. Work that nobody awaits is executed together with the next awaited work, at most `MAX_DELAY` seconds
after it was given. Awaited work is on the disk when it is done (WAL, synchronous=FULL), in the file at its path.

A disk may fail and recover. Work of `do` fails then: its caller can handle the error. Work of `write_eventually` and
`write_in_background` is held and retried in order until the disk accepts it; nothing else is written before it. The
size of held work is bounded: beyond `MOST_HELD` bytes, work of `write_in_background` is dropped, oldest first.

Another program (a backup) may lock the file. The thread waits for it once and not for each piece of work, because reads
have to wait meanwhile. Until the lock is released, writes are held, or refused after a short time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from server.signals import Signal
from server.storage.database_file import (
    Connect,
    DatabaseFile,
    DatabaseUnusableError,
    StorageError,
    connect,
    is_corrupt,
    is_disk_failure,
    is_locked,
)
from server.storage.database_work import Work, WorkItem, call_with_result, log_failure

T = TypeVar("T")
_LOG = logging.getLogger("jacquard.server")
_MOST_TOGETHER = 200
MAX_DELAY = 0.05
CHECK_SECONDS = 15.0
"""How often an idle thread checks that the file is still at its path."""
MOST_HELD = 64 * 2**20
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0
_LAST_TRIES = 3
LOCK_TIMEOUT, SHORT_TIMEOUT = 5_000, 200
"""Milliseconds to wait for a lock of another program; the second is used while the file is known to be locked."""


class Database:
    """One SQLite file and its thread. Close it when done. Raises `DatabaseUnusableError`.

    `steps` has the migration to each version after the first from the one before. `trouble` describes the error of the
    disk, and is empty while there is none. The thread emits `trouble_changed` when it changes, and
    `damaged` with a sentence when a damaged file was replaced while it was in use.
    """

    def __init__(
        self, path: Path, schema: str, version: int, steps: Mapping[int, str] | None = None, *,
        connect: Connect = connect, reclaim_folder: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self.trouble = ""
        self.trouble_changed: Signal[[str]] = Signal()
        self.damaged: Signal[[str]] = Signal()
        self._work: queue.SimpleQueue[WorkItem | None] = queue.SimpleQueue()
        self._held: deque[WorkItem] = deque()
        self._pause = FIRST_PAUSE
        self._is_locked = False
        self._file = DatabaseFile(path, schema, version, steps or {}, connect, reclaim_folder)
        self._file.open()
        self._thread = threading.Thread(target=self._run, name="jacquard-database", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> str:
        """Describes in a sentence what was lost when the file was opened; empty if nothing was."""
        return self._file.lost

    @property
    def holds_work(self) -> bool:
        """Whether work waits until the disk accepts it."""
        return bool(self._held)

    @property
    def has_new_work(self) -> bool:
        """Whether work waits until the thread takes it."""
        return not self._work.empty()

    def do(self, work: Work[T]) -> asyncio.Future[T]:
        """Executes work in its turn; when the future is done, what the work wrote is on the disk."""
        item = WorkItem(work, is_awaited=True)
        self._work.put(item)
        return asyncio.wrap_future(item.done)

    def write_eventually(self, work: Work[T], then: Callable[[T], None] | None = None) -> asyncio.Future[bool]:
        """Executes work, and retries it while the disk fails. The future says whether the first try succeeded.

        `then` is called with the result on the event loop once the work is on the disk. Other failures are logged.
        """
        written: Future[bool] = Future()
        item = WorkItem(work, is_awaited=True, held=True, written=written)
        if then is not None:
            asyncio.wrap_future(item.done).add_done_callback(lambda done: call_with_result(done, then))
        item.done.add_done_callback(log_failure)
        self._work.put(item)
        return asyncio.wrap_future(written)

    def write_in_background(self, work: Work[object], weight: int = 0) -> None:
        """Executes work soon, before all work that is given later. `weight` is its size in bytes while it is held."""
        item = WorkItem(work, is_awaited=False, held=True, weight=weight)
        item.done.add_done_callback(log_failure)
        self._work.put(item)

    def close(self) -> None:
        """Finishes the given work and closes the file. Work that the disk refuses now is lost."""
        self._work.put(None)
        self._thread.join()
        self._file.close()

    # The thread

    def _run(self) -> None:
        going_on = True
        while going_on:
            batch = self._gather()
            going_on = None not in batch
            items = [item for item in batch if item is not None]
            try:
                self._handle(items)
            except Exception as error:  # noqa: BLE001 - only this work fails; the thread goes on
                _LOG.critical("the database failed in an unexpected way", exc_info=error)
                for item in items:
                    if not item.done.done():
                        item.fail(error)
        for _ in range(_LAST_TRIES):
            if self._held:
                time.sleep(self._pause)
                self._handle([])
        for item in self._held:
            item.fail(StorageError(f"the server ended while the disk failed: {self.trouble}"))

    def _gather(self) -> list[WorkItem | None]:
        """Returns work for one transaction: all that is queued, and what arrives while nobody waits."""
        try:
            item = self._work.get(timeout=self._pause if self._held else CHECK_SECONDS)
        except queue.Empty:
            self._check_in_place()
            return []
        batch = [item]
        until = time.monotonic() + MAX_DELAY
        is_awaited = False
        while len(batch) < _MOST_TOGETHER:
            is_awaited = is_awaited or item is None or item.is_awaited
            try:
                item = self._work.get(timeout=0.0 if is_awaited else max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            batch.append(item)
        return batch

    def _handle(self, items: list[WorkItem]) -> None:
        """Executes held work, then new work. Work that the disk refuses is held or fails."""
        waited = bool(self._held)
        while self._held:
            first = [self._held.popleft() for _ in range(min(len(self._held), _MOST_TOGETHER))]
            if remaining := self._process(first, may_write=True):
                self._held.extendleft(reversed(remaining))
                break
        self._held.extend(self._process(items, may_write=not self._held))
        self._drop_excess()
        if not self._held:
            self._pause = FIRST_PAUSE
            self._report_trouble("")
        elif waited:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _process(self, items: list[WorkItem], *, may_write: bool) -> list[WorkItem]:
        """Executes work together or, if that fails, piece by piece; returns the work to hold."""
        if not items or (may_write and self._execute_together(items)):
            return []
        remaining: list[WorkItem] = []
        if self._is_locked:
            self._set_busy_timeout(0)
        for item in items:
            is_free = may_write and not remaining
            if item.held and not is_free:
                remaining.append(item)
            elif (error := self._execute_one(item, may_write=is_free)) is not None:
                self._report_trouble(str(error))
                remaining.append(item)
        for item in remaining:
            item.report_held()
        if self._is_locked:
            self._set_busy_timeout(SHORT_TIMEOUT)
        return remaining

    def _execute_together(self, items: list[WorkItem]) -> bool:
        """Executes work in one transaction; returns whether it was committed. Reports failures of single pieces."""
        done: list[tuple[WorkItem, Any]] = []
        failed: list[tuple[WorkItem, Exception]] = []
        try:
            connection = self._file.usable_connection()
            before = connection.total_changes
            connection.execute("BEGIN")
            for item in items:
                connection.execute("SAVEPOINT one")
                try:
                    done.append((item, item.work(connection)))
                except Exception as error:
                    if not connection.in_transaction or is_disk_failure(error) or is_corrupt(error):
                        raise  # a full disk rolls the whole transaction back
                    connection.execute("ROLLBACK TO one")
                    failed.append((item, error))
                connection.execute("RELEASE one")
            self._commit(before)
        except Exception as error:  # noqa: BLE001 - each piece is executed alone then, and its result reported
            self._is_locked = self._is_locked or is_locked(error)
            self._roll_back()
            if is_corrupt(error):
                self._replace_damaged(error)
            return False
        for item, result in done:
            item.finish(result)
        for item, reason in failed:
            item.fail(reason)
        return True

    def _execute_one(self, item: WorkItem, *, may_write: bool) -> Exception | None:
        """Executes one piece of work and reports its result; returns the error if the work has to be held."""
        try:
            connection = self._file.usable_connection()
            before = connection.total_changes
            connection.execute("BEGIN")
            result = item.work(connection)
            if not may_write and connection.total_changes != before:
                raise StorageError(self.trouble)  # held work is written first
            self._commit(before)
        except Exception as error:  # noqa: BLE001 - it is passed to the caller
            self._roll_back()
            if is_corrupt(error):
                self._replace_damaged(error)
            if item.held and is_disk_failure(error):
                return error
            item.fail(error)
            return None
        item.finish(result)
        return None

    def _commit(self, changes_before: int) -> None:
        """Commits, unless the file was moved or deleted: then it is recreated and the work fails."""
        connection = self._file.connection
        if connection.total_changes != changes_before and not self._file.is_in_place:
            self._roll_back()
            self._file.recreate()
            raise StorageError("the data folder was moved or deleted")  # so that the work is retried in the new file
        connection.execute("COMMIT")
        if self._is_locked and connection.total_changes != changes_before:
            self._is_locked = False
            self._set_busy_timeout(LOCK_TIMEOUT)

    def _set_busy_timeout(self, milliseconds: int) -> None:
        if self._file.is_open:
            with contextlib.suppress(sqlite3.Error):
                self._file.connection.execute(f"PRAGMA busy_timeout={milliseconds}")

    def _check_in_place(self) -> None:
        """Recreates the file if it is no longer at its path; called while the thread is idle."""
        if self._file.is_open and not self._file.is_in_place:
            with contextlib.suppress(StorageError):  # reported by the next write
                self._file.recreate()

    def _roll_back(self) -> None:
        connection = self._file.connection
        if self._file.is_open and connection.in_transaction:
            try:
                connection.execute("ROLLBACK")
            except sqlite3.Error:
                self._file.close()  # the next work opens it again

    def _replace_damaged(self, error: Exception) -> None:
        try:
            self._file.replace_damaged(error)
        except (sqlite3.Error, OSError, DatabaseUnusableError) as another:
            _LOG.critical("a damaged database could not be replaced: %s", another)
            return
        self.damaged.emit(self._file.lost)

    def _report_trouble(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self.trouble_changed.emit(trouble)

    def _drop_excess(self) -> None:
        weight = sum(item.weight for item in self._held)
        if weight <= MOST_HELD:
            return
        for item in [item for item in self._held if item.weight]:
            self._held.remove(item)
            item.fail(StorageError("there was no room to hold it until the disk is well"))
            weight -= item.weight
            if weight <= MOST_HELD:
                return
