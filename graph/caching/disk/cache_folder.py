"""Opens a cache folder, and recovers from a broken index and from disk errors.

A broken index, or one of another version, is set aside and started anew, also while in use. Other errors (a full disk,
a read-only folder) are logged once until something works again, and are never raised. At the start of each run it is
checked whether the open folder is still in place: it may have been deleted, or started anew by another process. A
folder that could not be opened is tried again after a while.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from graph.caching.disk.blob_store import Blobs
from graph.caching.disk.filesystem import FileLayer
from graph.caching.disk.free_space import Space, space_at
from graph.caching.disk.index import DiskIndex, WrongFormatError

PAUSE_SECONDS = 30.0
"""After an error, nothing is tried for this long."""
_PATIENCE = 30
"""What took long to fail is tried again after this many times as long, because runs wait for it."""
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_T = TypeVar("_T")
_LOG = logging.getLogger("jacquard.cache")


class DiskFolder:
    """`index` is None while the folder cannot be used; `problem` says why. `age` counts how often it was started anew.

    `was_broken` says what was wrong with the index, if that was the reason.
    """

    def __init__(
        self, path: Path, layer: FileLayer, clock: Callable[[], float] = time.monotonic, code_version: bytes = b""
    ) -> None:
        self.path = path
        self.blobs = Blobs(path, layer)
        self.problem = ""
        self.was_broken = ""
        self.age = 0
        self._layer = layer
        self._code_version = code_version
        self._lock = threading.Lock()
        self._clock = clock
        self._warned = False
        self._closed = False
        self._try_again = 0.0
        self.index = self._open()

    def attempt(self, operation: Callable[[DiskIndex], _T], otherwise: _T) -> _T:
        """Return the result of an operation, or `otherwise` when the index is missing or fails."""
        index = self.index
        if index is None:
            return otherwise
        try:
            return operation(index)
        except (OSError, sqlite3.Error) as error:
            self.failed(error, index)
            return otherwise

    def space(self) -> Space | None:
        """Return the free space of the disk."""
        return space_at(self.path, self._layer)

    def reopen_if_replaced(self) -> None:
        """Reopen the folder if another one is in its place, or if it could not be opened a while ago."""
        index = self.index
        if index is None:
            if self._closed or self._clock() < self._try_again:
                return
        elif index.is_in_place:
            return
        with self._lock:
            if self.index is index and not self._closed:
                if index is not None:
                    index.close()
                self.age += 1
                self.index = self._open()

    def failed(self, error: Exception, index: DiskIndex) -> None:
        """Handle an error of an index: start anew, or log it."""
        if self.index is not index:
            return  # it was closed in the meantime
        if not _is_broken(error):
            self._warn(error)
            return
        with self._lock:
            if self.index is index:  # else another thread was faster
                index.close()
                self.age += 1
                self.index = self._begin_anew(error)

    def worked(self) -> None:
        """Note that a write succeeded: the next error is logged again."""
        self._warned = False

    def close(self) -> None:
        """Close the folder."""
        with self._lock:
            self._closed = True
            if self.index is not None:
                self.index.close()
                self.index = None
                self.problem = "it is closed"

    def _open(self) -> DiskIndex | None:
        began = self._clock()
        index = self._open_now()
        now = self._clock()
        self._try_again = now + max(PAUSE_SECONDS, _PATIENCE * (now - began))
        return index

    def _open_now(self) -> DiskIndex | None:
        self.problem = ""
        try:
            return DiskIndex(self.path / "index.sqlite", self._layer, self._code_version)
        except (OSError, sqlite3.Error, WrongFormatError) as error:
            if isinstance(error, WrongFormatError) or _is_broken(error):
                return self._begin_anew(error)
            self.problem = str(error)
            self._warn(error)
            return None

    def _begin_anew(self, error: Exception) -> DiskIndex | None:
        _LOG.warning("The cache in %s is set aside and started anew: %s", self.path, error)
        self.was_broken = str(error)
        index = self.path / "index.sqlite"
        try:
            for suffix in ("", "-wal", "-shm"):
                self.blobs.set_aside(Path(f"{index}{suffix}"))
            return DiskIndex(index, self._layer, self._code_version)
        except (OSError, sqlite3.Error, WrongFormatError) as another:
            self.problem = str(another)
            self._warn(another)
            return None

    def _warn(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            _LOG.warning("Results are kept in memory only; the cache in %s fails: %s", self.path, error)


def _is_broken(error: Exception) -> bool:
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN
