"""The database: SQLite in one file, touched by one thread only, so that the event loop never waits for a disk.

Work is done in the order in which it was given; it may be done again when what it was done together with fails.
What piles up while the disk is busy goes into one transaction, each piece behind a savepoint of its own: one sync
to disk serves many. Work that nobody waits for is done together with the next that somebody waits for, but not later
than `PATIENCE` seconds after it was given. Work that was awaited is on the disk (WAL, synchronous=FULL), in the file
that is at its path.

A disk may fail and be well again. Work of which somebody can be told (`do`) fails then; work that has to be done
(`keep`, `later`) is held and done again, in order, until the disk takes it; nothing else is written before it. What is
held is bounded: beyond `MOST_HELD` bytes what nobody needs for the queue (`later`) is let go, oldest first.

Another program may hold the file (a backup): it is waited for once, and not with each piece of work, for reading has to
wait meanwhile; until it lets go, what is written is held or refused soon.
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
"""How often it is seen to that the file is at its path, while nothing is to be done."""
MOST_HELD = 64 * 2**20
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 10.0
_LAST_TRIES = 3
LOCK_TIMEOUT, SHORT_TIMEOUT = 5_000, 200
"""Milliseconds for another program to let go of the file; and while it is known to hold it."""


class Database:
    """One SQLite file and its thread. Close it when done. Raises `DatabaseUnusableError`.

    `steps` has, for each version after the first, what brings a file up to it from the one before. `trouble` says what
    is wrong with the disk, and is empty while nothing is. The thread emits `trouble_changed` when it changes, and
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
        self._pause = _FIRST_PAUSE
        self._is_locked = False
        self._file = DatabaseFile(path, schema, version, steps or {}, connect, reclaim_folder)
        self._file.open()
        self._thread = threading.Thread(target=self._run, name="jacquard-database", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> str:
        """What could not be kept when it was opened, in a sentence."""
        return self._file.lost

    def do(self, work: Work[T]) -> asyncio.Future[T]:
        """Do some work, in line from now on; once this has been awaited, what it wrote is on the disk."""
        item = WorkItem(work, is_awaited=True)
        self._work.put(item)
        return asyncio.wrap_future(item.done)

    def write_eventually(self, work: Work[T], then: Callable[[T], None] | None = None) -> asyncio.Future[bool]:
        """Do some work, whatever the disk does. The answer is whether it is on the disk now; if not, it will be.

        `then` is called on the event loop when it is. What fails for another reason than the disk is logged.
        """
        written: Future[bool] = Future()
        item = WorkItem(work, is_awaited=True, held=True, written=written)
        if then is not None:
            asyncio.wrap_future(item.done).add_done_callback(lambda done: call_with_result(done, then))
        item.done.add_done_callback(log_failure)
        self._work.put(item)
        return asyncio.wrap_future(written)

    def write_in_background(self, work: Work[object], weight: int = 0) -> None:
        """Do some work soon, before all that is given later. `weight` is what holding it costs, in bytes."""
        item = WorkItem(work, is_awaited=False, held=True, weight=weight)
        item.done.add_done_callback(log_failure)
        self._work.put(item)

    def close(self) -> None:
        """Finish the work that was given and close the file; what the disk does not take now is lost."""
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
            except Exception as error:  # noqa: BLE001 - it fails this work only; the thread lives on
                _LOG.critical("the database failed in a way that was not foreseen", exc_info=error)
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
        """What is to be done together: all that is there, and what comes while nobody waits."""
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
        """Do what is held, then what is new; what the disk does not take is held, or has failed."""
        waited = bool(self._held)
        while self._held:
            first = [self._held.popleft() for _ in range(min(len(self._held), _MOST_TOGETHER))]
            if remaining := self._process(first, may_write=True):
                self._held.extendleft(reversed(remaining))
                break
        self._held.extend(self._process(items, may_write=not self._held))
        self._drop_excess()
        if not self._held:
            self._pause = _FIRST_PAUSE
            self._report_trouble("")
        elif waited:
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _process(self, items: list[WorkItem], *, may_write: bool) -> list[WorkItem]:
        """Do some work together or, where that fails, piece by piece; returns what has to be held."""
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
        """Do some work in one transaction; returns whether that went well. What failed alone has been told."""
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
                        raise  # a full disk takes the whole transaction along
                    connection.execute("ROLLBACK TO one")
                    failed.append((item, error))
                connection.execute("RELEASE one")
            self._commit(before)
        except Exception as error:  # noqa: BLE001 - each piece is done alone then, and told what became of it
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
        """Do one piece of work and tell what became of it; one that is to be held gives the error instead."""
        try:
            connection = self._file.usable_connection()
            before = connection.total_changes
            connection.execute("BEGIN")
            result = item.work(connection)
            if not may_write and connection.total_changes != before:
                raise StorageError(self.trouble)  # nothing is written before what is held
            self._commit(before)
        except Exception as error:  # noqa: BLE001 - goes to whoever asked for the work
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
        """Write to the disk; not into a file that nobody can open any more."""
        connection = self._file.connection
        if connection.total_changes != changes_before and not self._file.is_in_place:
            self._roll_back()
            self._file.recreate()
            raise StorageError("the data folder was moved or deleted")  # so that it is done again, in the new file
        connection.execute("COMMIT")
        if self._is_locked and connection.total_changes != changes_before:
            self._is_locked = False
            self._set_busy_timeout(LOCK_TIMEOUT)

    def _set_busy_timeout(self, milliseconds: int) -> None:
        if self._file.is_open:
            with contextlib.suppress(sqlite3.Error):
                self._file.connection.execute(f"PRAGMA busy_timeout={milliseconds}")

    def _check_in_place(self) -> None:
        """Nothing is to be done: see whether the file is where others look for it."""
        if self._file.is_open and not self._file.is_in_place:
            with contextlib.suppress(StorageError):  # told when something has to be written
                self._file.recreate()

    def _roll_back(self) -> None:
        connection = self._file.connection
        if self._file.is_open and connection.in_transaction:
            try:
                connection.execute("ROLLBACK")
            except sqlite3.Error:
                self._file.close()  # it is opened again for the next work

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
