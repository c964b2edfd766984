"""The disk tier: results that were expensive, kept in a folder across restarts and shared by several processes.

`graph.results.storage_policy` decides what is stored and evicted. The folder has an index (`graph.caching.disk.index`)
and files named by content (`graph.caching.disk.blob_store`); values of a few kilobytes are in the index itself. A
thread of its own writes both (`graph.caching.disk.writer`): a killed process leaves at worst a file without a row,
which the next one deletes. `keep` waits a little for expensive values, so that a process that is killed then need not
make them again. A value is returned only if its fingerprint is the one under which it was stored
(`graph.caching.disk.reader`); else it is set aside, and the call runs again.

Disk errors never reach a run (`graph.caching.disk.cache_folder`). After a failed write nothing is written for a while.
Of values for which the queue has no room, only the record is stored; the memory tier is not affected.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graph.caching.disk.cache_folder import PAUSE_SECONDS, DiskFolder
from graph.caching.disk.filesystem import FileLayer
from graph.caching.disk.index import DiskIndex, TypeTotal
from graph.caching.disk.reader import DiskReader, Verified
from graph.caching.disk.transaction import Row
from graph.caching.disk.write_behind import WriteBehind
from graph.caching.disk.writer import MOST_CALLS, DiskWriter, Job
from graph.results.arrays import ArrayCodec
from graph.results.result import WARNED, Key, RequestedInputs, Result
from graph.results.sizes import measure
from graph.results.storage_policy import LARGEST_SHARE, should_store_record, should_store_values

DEFAULT_DISK_BYTES = 8 * 2**30
CHANGED = "Files of Jacquard or libraries changed since it was started: start it again."
PENDING_BYTES = 256 * 2**20
"""The most bytes of values that wait to be written."""
SHARE_OF_WAITING = 0.05
"""`keep` waits for at most this fraction of the time that an expensive call took, and never longer than this:"""
LONGEST_WAIT = 0.25

_LOG = logging.getLogger("jacquard.cache")


@dataclass(frozen=True, slots=True)
class DiskStatistics:
    """What a disk tier holds. `problem` says why it cannot be used, if so."""

    results: int
    nbytes: int
    """Bytes of values."""
    max_bytes: int
    dropped: int
    """Values that were not written because too many bytes were pending."""
    problem: str
    bound: int
    """Bytes that it may hold now: `max_bytes`, or less where the disk is nearly full."""
    free: int | None
    """Free bytes of the disk, if known, and bytes that are to stay free."""
    kept_free: int

    def as_json(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


class DiskCache:
    """A cache folder. Opening it never raises; an unusable one finds and stores nothing.

    `code_version` covers what is not in keys, such as the versions of libraries that all nodes use: results of another
    code version are not found. `is_unchanged` is called before the first lookup of a run and before each write; once it
    returns False, nothing is read or written any more.
    """

    def __init__(
        self,
        folder: Path,
        max_bytes: int = DEFAULT_DISK_BYTES,
        codecs: Sequence[ArrayCodec] = (),
        *,
        code_version: bytes = b"",
        is_unchanged: Callable[[], bool] = lambda: True,
        pending_bytes: int = PENDING_BYTES,
        layer: FileLayer | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_bytes = max_bytes
        self._codecs = tuple(codecs)
        self._clock = clock
        self.folder = DiskFolder(folder, layer or FileLayer(), clock, code_version)
        self._writer = DiskWriter(self.folder, self._codecs, max_bytes)
        self._queue: WriteBehind[Job] = WriteBehind(self._write, pending_bytes)
        self._reader = DiskReader(self.folder, self._codecs, lambda fingerprint: self._queue.put(Job(bad=fingerprint)))
        self._is_unchanged = is_unchanged
        self._outdated = False
        self._checked = False
        self._known: set[Key] = set()
        self.warned: set[Key] = set()
        """The keys under which warnings are stored."""
        self._last_number = 0
        self._age = self.folder.age
        self._swept = False
        self._paused_until = 0.0
        self.refresh()

    def knows(self, key: Key) -> bool:
        """Return whether a key may be found; one lookup in a set."""
        return key in self._known

    def find(self, key: Key) -> tuple[tuple[Key, ...], Result | RequestedInputs] | None:
        """Return what is stored under a key, with the keys that it has; a result comes without its values."""
        if not self._checked:
            self._checked = self._may_be_used()
        record = None if self._outdated else self.folder.attempt(lambda index: index.find(key), None)
        if record is None:
            self._known.discard(key)
            return None
        self._queue.put(Job(keys=(key,), used=True))
        if record.requested is not None:
            return record.keys, record.requested
        values = None if record.fingerprints else ()
        return record.keys, Result(
            values,
            record.fingerprints,
            record.artifacts,
            record.seconds,
            on_disk=record.has_values,
            warned=record.warned,
        )

    def load(self, result: Result) -> tuple[Any, ...] | None:
        """Return the verified values of a result; None when one is gone or damaged."""
        return self._reader.load(result.fingerprints)

    def refresh(self) -> None:
        """Learn the keys that other processes stored, and whether the folder was started anew."""
        self._checked = False
        self.folder.reopen_if_replaced()
        if self._age != self.folder.age:
            self._age, self._last_number, self._swept = self.folder.age, 0, False
            self._forget()
        nothing: tuple[int, list[Key]] = (self._last_number, [])
        self._last_number, found = self.folder.attempt(lambda index: index.keys_after(self._last_number), nothing)
        self._know(found)

    def _know(self, keys: Iterable[Key]) -> None:
        keys = list(keys)
        self._known.update(keys)
        self.warned.update(key for key in keys if key.startswith(WARNED))

    def _forget(self) -> None:
        self._known.clear()
        self.warned.clear()

    def calls(self) -> list[str]:
        """Return the stored calls, oldest first."""
        nothing: list[str] = []
        return self.folder.attempt(lambda index: index.calls(MOST_CALLS), nothing)

    def totals(self) -> list[TypeTotal]:
        """Return what is stored, by node type."""
        nothing: list[TypeTotal] = []
        return self.folder.attempt(DiskIndex.totals, nothing)

    def statistics(self) -> DiskStatistics:
        """Return what the tier holds."""
        nothing = (0, 0, 0)
        results, nbytes, held = self.folder.attempt(
            lambda index: (index.record_count, index.nbytes, index.held), nothing
        )
        space = self.folder.space()
        bound = self.max_bytes if space is None else space.bound(self.max_bytes, held)
        problem = CHANGED if self._outdated else self.folder.problem
        return DiskStatistics(
            results, nbytes, self.max_bytes, self._queue.dropped, problem, bound,
            None if space is None else space.free, 0 if space is None else space.kept_free,
        )  # fmt: skip

    def keep(self, keys: Sequence[Key], result: Result, node_type: str) -> bool:
        """Queue a result for storage if it is worth it; return whether it will be stored.

        Returns at once, except for expensive values: for these it waits a little, in proportion. So a node is usually
        reported as finished only when its result survives a kill of the process.
        """
        if self._outdated or not should_store_record(result) or self.folder.index is None:
            return False
        if result.on_disk and self._known.issuperset(keys):
            return False
        values, size = None if result.on_disk else result.values, 0
        if values is not None:
            own, pieces = measure(values, self._codecs)
            size = own + sum(pieces.values())
            if not should_store_values(result.seconds, size) or size > self.max_bytes / LARGEST_SHARE:
                values, size = None, 0
        fingerprints = tuple(fingerprint for fingerprint in result.fingerprints if fingerprint is not None)
        row = Row(node_type, fingerprints, result.artifacts, result.seconds, warned=result.warned)
        stored = None if values is None else threading.Event()
        if self._queue.put(Job(keys, row, result, values, size, stored=stored), size):
            if stored is not None:
                stored.wait(min(LONGEST_WAIT, result.seconds * SHARE_OF_WAITING))
            return True
        return values is not None and self._queue.put(Job(keys, row, result))

    def keep_requested(self, keys: Sequence[Key], requested: RequestedInputs) -> None:
        """Queue requested lazy inputs for storage."""
        if not self._outdated and self.folder.index is not None and not self._known.issuperset(keys):
            self._queue.put(Job(keys, Row("", requested=requested)))

    def keep_calls(self, calls: Iterable[tuple[bytes, str]]) -> None:
        """Queue calls for storage, each with a digest that identifies it."""
        last = list(calls)[-MOST_CALLS:]
        if last and self.folder.index is not None:
            self._queue.put(Job(calls=last), sum(len(text) for _, text in last))

    def flush(self) -> None:
        """Wait until everything is written."""
        self._queue.flush()

    def close(self) -> None:
        """Write what is pending, and close the folder. Closing twice is allowed."""
        self._queue.close()
        self.folder.close()

    def clear(self) -> int:
        """Delete everything; return the bytes of values that this freed."""

        def clear(index: DiskIndex) -> int:
            freed = index.nbytes
            self._writer.clear(index)
            with contextlib.suppress(sqlite3.Error):  # a full disk has no room to shrink the index
                index.shrink()
            return freed

        self.flush()
        self._forget()
        return self.folder.attempt(clear, 0)

    def verify(self) -> Verified:
        """Read every value and compare its fingerprint; set damaged ones aside."""
        self.flush()
        found = self._reader.verify()
        self.flush()
        return found

    def _may_be_used(self) -> bool:
        """Return whether the code version still holds; once it does not, it never does again."""
        if not self._outdated and not self._is_unchanged():
            self._outdated = True
            self._forget()
            _LOG.warning("%s Results are kept in memory only.", CHANGED)
        return not self._outdated

    def _write(self, jobs: list[Job]) -> None:
        try:
            self._try_to_write(jobs)
        finally:
            for job in jobs:
                if job.stored is not None:
                    job.stored.set()

    def _try_to_write(self, jobs: list[Job]) -> None:
        index = self.folder.index
        if index is None or self._clock() < self._paused_until:
            return
        if any(job.row is not None for job in jobs) and not self._may_be_used():
            return
        try:
            self._writer.write(jobs, index)
            self._note_stored(jobs)
            self._writer.settle(jobs, index)
            if not self._swept:
                self._writer.sweep(index)
                self._swept = True
        except Exception as error:  # noqa: BLE001 - the writing thread must survive any batch
            self._swept = False  # there may be files without rows
            if isinstance(error, OSError | sqlite3.Error):
                self._paused_until = self._clock() + PAUSE_SECONDS
                self.folder.failed(error, index)
            else:
                _LOG.exception("Results could not be written to the cache.")
            return
        self.folder.worked()

    def _note_stored(self, jobs: Iterable[Job]) -> None:
        """Note that some results are stored."""
        for job in jobs:
            self._know(job.keys)
            if job.result is not None and job.values is not None:
                job.result.on_disk = True
            if job.stored is not None:
                job.stored.set()
