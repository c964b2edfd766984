"""A background writer with a bounded queue. Jobs beyond the bound are dropped.

The bound is in bytes, so that a slow disk costs results, not memory; a job larger than the bound waits alone. `write`
is called with at most `BATCH` jobs, in order, and handles its own errors.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Job = TypeVar("Job")
BATCH = 64
_JOB_BYTES = 1000
"""The rough memory of a job besides its declared size."""


class WriteBehind(Generic[Job]):
    """Takes jobs from any thread; `close` writes the pending ones."""

    def __init__(self, write: Callable[[list[Job]], None], max_bytes: int) -> None:
        self._write = write
        self._max_bytes = max_bytes
        self._changed = threading.Condition()
        self._jobs: deque[tuple[Job, int]] = deque()
        self._bytes = 0
        self._busy = False
        self._given = 0
        self._done = 0
        self._closed = False
        self._thread: threading.Thread | None = None
        self.dropped = 0
        """Jobs that were dropped."""

    def put(self, job: Job, nbytes: int = 0) -> bool:
        """Queue a job; return False when there is no room or the writer is closed."""
        nbytes += _JOB_BYTES
        with self._changed:
            if self._closed or (self._bytes and self._bytes + nbytes > self._max_bytes):
                self.dropped += 1
                return False
            if self._thread is None and not self._begin():
                self.dropped += 1
                return False
            self._jobs.append((job, nbytes))
            self._bytes += nbytes
            self._given += 1
            if not self._busy:
                self._changed.notify_all()
            return True

    def flush(self) -> None:
        """Wait until all jobs queued so far are written, but not for later ones."""
        with self._changed:
            given = self._given
            self._changed.wait_for(lambda: self._done >= given)

    def close(self) -> None:
        """Write the pending jobs, and accept no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _begin(self) -> bool:
        """Start the thread with the first job: most runs of small graphs write nothing."""
        thread = threading.Thread(target=self._work, name="jacquard-cache", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads can be started, for now or at exit
            return False
        self._thread = thread
        return True

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._closed)
                if not self._jobs:
                    return
                taken = [self._jobs.popleft() for _ in range(min(len(self._jobs), BATCH))]
                self._busy = True
            try:
                self._write([job for job, _ in taken])
            finally:
                with self._changed:
                    self._bytes -= sum(nbytes for _, nbytes in taken)
                    self._done += len(taken)
                    self._busy = False
                    del taken
                    self._changed.notify_all()
