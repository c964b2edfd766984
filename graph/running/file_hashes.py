"""SHA-256 of files and model folders, for what is written into pictures. Each is read once while it does not change.

Model files are large, so reading begins in the background when a run starts that may save something, with a thread
that gives way to all others; whoever needs a hash waits for it, unless the run is cancelled. What was found out goes
into a store, if there is one, and outlives the process.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from graph.base.plain_files import open_plain
from graph.files.listing import files_in
from graph.node_types.context import CancelledError
from graph.node_types.digests import file_identity

_PIECE = 2**23
_ASKED_EVERY_SECONDS = 0.1
_LOWEST = 19
Identity = tuple[object, ...]


class HashStore(Protocol):
    """Keeps hashes of files by their state. Safe from any thread; never raises because of the disk."""

    def known_sha256(self, path: Path, /) -> str:
        """Return the hash of a file as it is now, '' if it is not known."""

    def keep_sha256(self, path: Path, sha256: str, /) -> None:
        """Keep the hash of a file as it is now."""


class FileHashes:
    """Hashes files, one after the other. Close it when nothing is to be hashed any more."""

    def __init__(self, store: HashStore | None = None) -> None:
        self._store = store
        self._known: dict[Identity, str] = {}
        self._failed: dict[Identity, OSError] = {}
        self._waiting: OrderedDict[Identity, Path] = OrderedDict()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def begin(self, paths: Iterable[Path]) -> None:
        """Hash some files in the background, as far as that was not done; those that cannot be read are passed over."""
        for path in paths:
            with contextlib.suppress(OSError):
                self._ask(path, _identity(path), first=False)

    def sha256(self, path: Path, cancelled: Callable[[], bool] = lambda: False) -> str:
        """Return the hash of a file; for a folder, of the names and hashes of its files.

        Waits for it, and raises `CancelledError` as soon as `cancelled` returns true; raises `OSError` when the file
        cannot be read.
        """
        identity = _identity(path)
        self._ask(path, identity, first=True)
        with self._changed:
            while identity not in self._known:
                if identity in self._failed:
                    raise self._failed.pop(identity)
                if cancelled() or self._closed:
                    raise CancelledError
                self._changed.wait(_ASKED_EVERY_SECONDS)
            return self._known[identity]

    def close(self) -> None:
        """Stop, in the middle of a file, too."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            thread = self._thread
            self._changed.notify_all()
        if thread is not None:
            thread.join()

    def _ask(self, path: Path, identity: Identity, *, first: bool) -> None:
        with self._changed:
            if identity in self._known or self._closed:
                return
            if identity not in self._waiting:
                self._waiting[identity] = path
                self._failed.pop(identity, None)  # it may be readable by now
            if first:
                self._waiting.move_to_end(identity, last=False)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="jacquard-hashes", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        _give_way()
        while True:
            with self._changed:
                if not self._waiting:
                    self._thread = None
                    return
                identity, path = next(iter(self._waiting.items()))
            try:
                found = self._find(path)
                is_same = _identity(path) == identity
            except OSError as error:
                with self._changed:
                    self._failed[identity] = error
            except _StoppedError:
                found = ""
            else:
                with self._changed:
                    self._known[identity] = found
                if is_same and self._store is not None:
                    self._store.keep_sha256(path, found)
            with self._changed:
                self._waiting.pop(identity, None)
                self._changed.notify_all()

    def _find(self, path: Path) -> str:
        return (self._store.known_sha256(path) if self._store is not None else "") or self._hash(path)

    def _hash(self, path: Path) -> str:
        if path.is_dir():
            whole = hashlib.sha256()
            for name, item in files_in(path):
                whole.update(f"{name}\0{self._hash(item)}\n".encode("utf-8", "surrogateescape"))
            return whole.hexdigest()
        found = hashlib.sha256()
        with open_plain(path) as file:
            while piece := file.read(_PIECE):
                if self._closed:
                    raise _StoppedError
                found.update(piece)
        return found.hexdigest()


class _StoppedError(Exception):
    """Nobody needs the hash any more."""


def _identity(path: Path) -> Identity:
    return (str(path), *file_identity(path))


def _give_way() -> None:
    """Let all other threads go first, where a thread can have a priority of its own."""
    if os.name == "posix" and hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST)
