"""The disk tier: results that were dear to make, in a folder, across restarts and shared by several processes.

What goes there is told in `graph.results.storage_policy`. The folder has an index (`graph.caching.disk.index`) and
files named by content (`graph.caching.disk.blob_store`); values of a few kilobytes are in the index itself. All of it
is written in a thread of its own (`graph.caching.disk.writer`): a process that is killed leaves at worst a file that
nobody knows of, which the next one sweeps away. What was dear is waited for a little, as whoever is killed in between
has to make it a second time. A value is read back only if its fingerprint is the mark under which it was stored
(`graph.caching.disk.reader`); else it is set aside, and the call is made again.

When there is too much, values go in order of worth (seconds a byte, times hits, with ageing; as in memory) and leave
their record, and the oldest keys go when records would take more than an eighth of the bytes.

Trouble with the disk never reaches a run (`graph.caching.disk.cache_folder`). After a write failed, nothing is written
for a while; of values for which there is no room in the queue only the record is; the memory tier goes on.
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
"""Values that may wait to be written."""
SHARE_OF_WAITING = 0.05
"""Of what a dear call took, so much is waited at most until its value is stored, and never more than this:"""
LONGEST_WAIT = 0.25

_LOG = logging.getLogger("jacquard.cache")


@dataclass(frozen=True, slots=True)
class DiskStatistics:
    """What a disk tier holds. `problem` says why it cannot be used, if it cannot."""

    results: int
    nbytes: int
    """Bytes of values."""
    max_bytes: int
    dropped: int
    """Values that were not written because too many bytes were waiting."""
    problem: str
    bound: int
    """Bytes that it may hold now: `max_bytes`, or less where the disk is nearly full."""
    free: int | None
    """Bytes of the disk that are free, if that is known, and that are to stay free."""
    kept_free: int

    def as_json(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class DiskCache:
    """A cache folder. Opening it never raises; one that cannot be used knows nothing and keeps nothing.

    `edition` tells apart what is not in keys, such as the version of a library that all nodes stand on: what was stored
    in another edition is not found in this one. `holds` is asked before the first look of a run and before each writing
    whether that is still what this process stands on; when it is not, nothing is read or written any more.
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
        self._folder = DiskFolder(folder, layer or FileLayer(), clock, code_version)
        self._writer = DiskWriter(self._folder, self._codecs, max_bytes)
        self._queue: WriteBehind[Job] = WriteBehind(self._write, pending_bytes)
        self._reader = DiskReader(self._folder, self._codecs, lambda fingerprint: self._queue.put(Job(bad=fingerprint)))
        self._is_unchanged = is_unchanged
        self._outdated = False
        self._checked = False
        self._known: set[Key] = set()
        self.warned: set[Key] = set()
        """Those under which warnings are stored."""
        self._last_number = 0
        self._age = self._folder.age
        self._swept = False
        self._paused_until = 0.0
        self.refresh()

    def knows(self, key: Key) -> bool:
        """Whether a key may be found; costs no more than a look into a set."""
        return key in self._known

    def find(self, key: Key) -> tuple[tuple[Key, ...], Result | RequestedInputs] | None:
        """What is stored under a key, with the keys that it has; a result comes without its values."""
        if not self._checked:
            self._checked = self._may_be_used()
        record = None if self._outdated else self._folder.attempt(lambda index: index.find(key), None)
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
        """The values of a result, read and checked; None when one of them is gone or damaged."""
        return self._reader.load(result.fingerprints)

    def refresh(self) -> None:
        """Learn the keys that other processes have stored, and what became of the folder."""
        self._checked = False
        self._folder.look_again()
        if self._age != self._folder.age:
            self._age, self._last_number, self._swept = self._folder.age, 0, False
            self._forget()
        nothing: tuple[int, list[Key]] = (self._last_number, [])
        self._last_number, found = self._folder.attempt(lambda index: index.keys_after(self._last_number), nothing)
        self._know(found)

    def _know(self, keys: Iterable[Key]) -> None:
        keys = list(keys)
        self._known.update(keys)
        self.warned.update(key for key in keys if key.startswith(WARNED))

    def _forget(self) -> None:
        self._known.clear()
        self.warned.clear()

    def calls(self) -> list[str]:
        """The calls that were written down, oldest first."""
        nothing: list[str] = []
        return self._folder.attempt(lambda index: index.calls(MOST_CALLS), nothing)

    def totals(self) -> list[TypeTotal]:
        """What is held, by node type."""
        nothing: list[TypeTotal] = []
        return self._folder.attempt(DiskIndex.totals, nothing)

    def statistics(self) -> DiskStatistics:
        """What is held now."""
        nothing = (0, 0, 0)
        results, nbytes, held = self._folder.attempt(
            lambda index: (index.record_count, index.nbytes, index.held), nothing
        )
        space = self._folder.space()
        bound = self.max_bytes if space is None else space.bound(self.max_bytes, held)
        problem = CHANGED if self._outdated else self._folder.problem
        return DiskStatistics(
            results, nbytes, self.max_bytes, self._queue.dropped, problem, bound,
            None if space is None else space.free, 0 if space is None else space.kept_free,
        )  # fmt: skip

    def keep(self, keys: Sequence[Key], result: Result, node_type: str) -> bool:
        """Have a result stored, if it is worth it; returns whether it will be.

        Returns at once, but for values that were dear: these are waited for a little, in proportion, so that a node is
        as a rule told to be done only when a process that is killed then need not call it again.
        """
        if self._outdated or not should_store_record(result) or self._folder.index is None:
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
        """Have a lazy question stored."""
        if not self._outdated and self._folder.index is not None and not self._known.issuperset(keys):
            self._queue.put(Job(keys, Row("", requested=requested)))

    def keep_calls(self, calls: Iterable[tuple[bytes, str]]) -> None:
        """Have calls written down, each with what tells it apart."""
        last = list(calls)[-MOST_CALLS:]
        if last and self._folder.index is not None:
            self._queue.put(Job(calls=last), sum(len(text) for _, text in last))

    def flush(self) -> None:
        """Wait until everything is written."""
        self._queue.flush()

    def close(self) -> None:
        """Write what waits, and let go of the folder. Closing twice is fine."""
        self._queue.close()
        self._folder.close()

    def clear(self) -> int:
        """Forget everything; returns the bytes of values that this freed."""

        def clear(index: DiskIndex) -> int:
            freed = index.nbytes
            self._writer.clear(index)
            with contextlib.suppress(sqlite3.Error):  # a full disk has no room to be tidied in
                index.shrink()
            return freed

        self.flush()
        self._forget()
        return self._folder.attempt(clear, 0)

    def verify(self) -> Verified:
        """Read every value and compare it with its mark; set the damaged ones aside."""
        self.flush()
        found = self._reader.verify()
        self.flush()
        return found

    def _may_be_used(self) -> bool:
        """Whether this process is still of its edition; once it is not, it never is again."""
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
        index = self._folder.index
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
        except Exception as error:  # noqa: BLE001 - the thread that writes must go on, whatever a batch brings
            self._swept = False  # files may lie there whose rows were not written
            if isinstance(error, OSError | sqlite3.Error):
                self._paused_until = self._clock() + PAUSE_SECONDS
                self._folder.failed(error, index)
            else:
                _LOG.exception("Results could not be written to the cache.")
            return
        self._folder.worked()

    def _note_stored(self, jobs: Iterable[Job]) -> None:
        """Some results are stored."""
        for job in jobs:
            self._know(job.keys)
            if job.result is not None and job.values is not None:
                job.result.on_disk = True
            if job.stored is not None:
                job.stored.set()
