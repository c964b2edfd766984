"""Writes batches of results: files of values first, then the rows that refer to them, then everything else.

A result survives the process from the moment that its row is written, so nothing that can wait comes before.

Only the holder of the index lock deletes files, and only those without a row. So a file that was written before its row
either still exists when the row is written, or is written again under the lock. Errors of disk and database are raised;
the batch is then not stored, nor is a part of it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.caching.disk.cache_folder import DiskFolder
from graph.caching.disk.free_space import Space
from graph.caching.disk.index import DiskIndex
from graph.caching.disk.safetensors_file import to_pieces
from graph.caching.disk.serialization import pack
from graph.caching.disk.transaction import Change, Row
from graph.results.arrays import ArrayCodec
from graph.results.result import Fingerprint, Key, Result
from graph.results.storage_policy import LARGEST_SHARE, RECORD_BYTES, RECORD_SHARE

_LOG = logging.getLogger("jacquard.cache")
INLINE_BYTES = 4096
"""Up to this size a value is cheaper in the index than in a file, which takes a block and a sync of its own."""
MOST_CALLS = 2_000
_MOST_KEYS = 200_000
_QUITE_FULL = 16 * 2**20
"""Bytes that the index may need to record what was removed."""


@dataclass(slots=True)
class Job:
    """A result or request to store under some keys; or a use of a key, a bad content, or calls."""

    keys: Sequence[Key] = ()
    row: Row | None = None
    result: Result | None = None
    values: tuple[Any, ...] | None = None
    nbytes: int = 0
    """The rough memory of the values."""
    used: bool = False
    bad: Fingerprint | None = None
    calls: Sequence[tuple[bytes, str]] = ()
    stored: threading.Event | None = None
    """Set when it is stored, or will not be."""
    contents: dict[Fingerprint, tuple[int, bytes | None]] = field(default_factory=dict)
    """What was written for it: the size, and the bytes if they belong into the index."""


class DiskWriter:
    """Writes batches of jobs into a folder."""

    def __init__(self, folder: DiskFolder, codecs: Sequence[ArrayCodec], max_bytes: int) -> None:
        self._folder = folder
        self._blobs = folder.blobs
        self._codecs = codecs
        self._max_bytes = max_bytes
        self._max_keys = min(_MOST_KEYS, max_bytes // RECORD_SHARE // RECORD_BYTES)
        self._gave_way = False

    def write(self, jobs: Sequence[Job], index: DiskIndex) -> None:
        """Store some results. Jobs whose values were not stored have `values` None afterwards."""
        bound = self._give_way(jobs, index)
        bad = {job.bad for job in jobs}
        for job in jobs:
            self._write_values(job, index, bad)
        unused: list[Fingerprint] = []
        with index.writing() as change:
            for job in jobs:
                unused += self._write_row(job, change)
            unused += change.make_room(bound, self._max_keys)
        self.remove(unused, index)

    def settle(self, jobs: Sequence[Job], index: DiskIndex) -> None:
        """Store what can wait: uses, calls, and the sync of files."""
        later = [job for job in jobs if job.used or job.calls]
        if later:
            with index.writing() as change:
                for job in later:
                    if job.calls:
                        change.add_calls(job.calls, MOST_CALLS)
                    if job.used:
                        change.touch(job.keys[0])
        self._blobs.settle()

    def clear(self, index: DiskIndex) -> None:
        """Delete everything: first the rows, then the files."""
        with index.writing() as change:
            change.clear()
        self._blobs.clear_aside()
        self.sweep(index)

    def sweep(self, index: DiskIndex) -> None:
        """Delete files without a row, of killed processes and failed batches; and rows whose files are gone."""
        self._blobs.sweep()
        there = set(self._blobs.fingerprints())
        wanted = set(index.contents())
        unknown = [fingerprint for fingerprint in there if fingerprint not in wanted]
        for start in range(0, len(unknown), 64):
            self.remove(unknown[start : start + 64], index)
        missing = [fingerprint for fingerprint in index.contents(in_files=True) if fingerprint not in there]
        if missing:
            self.write([Job(bad=fingerprint) for fingerprint in missing if not self._blobs.exists(fingerprint)], index)

    def _give_way(self, jobs: Sequence[Job], index: DiskIndex) -> int:
        """Return how many bytes may be held; on a nearly full disk, evict before anything is written.

        On a disk that is almost completely full the index cannot grow by a page: there, files are deleted before their
        rows. If rows remain, readers find them to be wrong, and they are removed.
        """
        space = self._folder.space()
        if space is None or space.free - space.kept_free >= self._max_bytes:
            self._gave_way = False
            return self._max_bytes
        held = index.held
        bound = room = space.bound(self._max_bytes, held)
        if bound == self._max_bytes:
            self._gave_way = False
            return bound
        for job in jobs:
            if job.nbytes > min(room, bound // LARGEST_SHARE):
                job.values, job.nbytes = None, 0
            room -= job.nbytes
        if held <= room:
            return bound
        self._warn_nearly_full(space)
        with index.writing() as change:
            gone = change.make_room(room, self._max_keys)
            for fingerprint in gone if space.free < _QUITE_FULL else ():
                self._blobs.remove(fingerprint)
        self.remove(gone, index)
        return bound

    def _warn_nearly_full(self, space: Space) -> None:
        if not self._gave_way:
            self._gave_way = True
            _LOG.warning(
                "The disk of %s is nearly full (%d MiB are free, %d are to stay so): fewer results are kept there.",
                self._folder.path, space.free // 2**20, space.kept_free // 2**20,
            )  # fmt: skip

    def _write_values(self, job: Job, index: DiskIndex, bad: Collection[Fingerprint | None]) -> None:
        """Write the values of a job, except those that are stored already and not known to be bad."""
        if job.values is None or job.row is None:
            return
        for fingerprint, value in zip(job.row.fingerprints, job.values, strict=True):
            if fingerprint not in bad and index.has_content(fingerprint):
                continue
            pieces = self._pieces(value)
            if pieces is None:
                job.values = None
                return
            nbytes = sum(piece.nbytes for piece in pieces)
            if nbytes <= INLINE_BYTES:
                job.contents[fingerprint] = nbytes, b"".join(pieces)
            else:
                self._blobs.write(fingerprint, pieces)
                job.contents[fingerprint] = nbytes, None

    def _write_row(self, job: Job, change: Change) -> list[Fingerprint]:
        if job.bad is not None:
            return change.drop_content(job.bad)
        if job.row is None:
            return []
        if job.values is not None:
            for fingerprint, (nbytes, inline) in job.contents.items():
                if inline is None and not self._blobs.exists(fingerprint):
                    self._write_again(fingerprint, job.values[job.row.fingerprints.index(fingerprint)])
                change.add_content(fingerprint, nbytes, inline)
            if not all(map(change.has_content, job.row.fingerprints)):
                job.values = None  # another process evicted one; it is stored when the call runs again
        return change.add(job.row, job.keys, with_values=job.values is not None)

    def _write_again(self, fingerprint: Fingerprint, value: Any) -> None:
        pieces = self._pieces(value)
        if pieces is not None:
            self._blobs.write(fingerprint, pieces)

    def _pieces(self, value: Any) -> list[memoryview] | None:
        """Return a value as the pieces of a file; None when that is impossible."""
        try:
            packed = pack(value, self._codecs)
        except Exception:  # noqa: BLE001 - a codec of a pack, or a value that changes while it is written
            _LOG.warning("A value could not be written to the cache.", exc_info=True)
            return None
        return None if packed is None else to_pieces(packed)

    def remove(self, unused: Sequence[Fingerprint], index: DiskIndex) -> None:
        """Delete files in a later transaction: if the process is killed before, they are merely left over."""
        if not unused:
            return
        with index.writing() as change:
            for fingerprint in unused:
                if not change.has_content(fingerprint):
                    self._blobs.remove(fingerprint)
