"""Files of values, named by content fingerprint: `blobs/3f/3f0c... .safetensors`.

A file appears whole or not at all: it is written beside its place, renamed, and synced later by `settle`. So a killed
process loses nothing that it renamed; what a power failure lost is noticed when it is read. A damaged file is *set
aside* into another folder, where the last few stay for inspection if they are not too large. This module knows files
only; the index knows which of them are needed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from graph.caching.disk.filesystem import FileLayer
from graph.caching.disk.safetensors_file import read_from
from graph.caching.disk.serialization import unpack
from graph.files.folders import make_private
from graph.results.arrays import ArrayCodec
from graph.results.result import CONTENT, Fingerprint

_SUFFIX = ".safetensors"
_LAST_SET_ASIDE = 10
MOST_SET_ASIDE = 256 * 2**20
"""The most bytes set aside; they do not count in the budget of the cache."""
_TAKEN_FOR_DEAD_SECONDS = 3600.0
"""An older half-written file belongs to no live process, even if a process has its number."""


class Blobs:
    """The files of one cache folder."""

    def __init__(self, folder: Path, layer: FileLayer) -> None:
        self._folder = folder / "blobs"
        self._aside = folder / "set-aside"
        self._layer = layer
        self._numbers = itertools.count()
        self._unsettled: list[Path] = []

    def path(self, fingerprint: Fingerprint) -> Path:
        """Return the path of the file of a fingerprint."""
        name = fingerprint[len(CONTENT) :].hex()
        return self._folder / name[:2] / (name + _SUFFIX)

    def write(self, fingerprint: Fingerprint, pieces: Sequence[memoryview]) -> None:
        """Write the file of a fingerprint. Raises `OSError`."""
        path = self.path(fingerprint)
        make_private(path.parent)
        half = path.with_name(f".{path.stem}-{os.getpid()}-{next(self._numbers)}.part")
        try:
            descriptor = self._layer.create(half)
            try:
                for piece in pieces:
                    self._layer.write(descriptor, piece)
            finally:
                os.close(descriptor)
            try:
                self._layer.rename(half, path)
            except PermissionError:
                # Windows, while another process reads the same file; its content is equal.
                if not path.exists():
                    raise
        finally:
            with contextlib.suppress(OSError):
                self._layer.remove(half)
        self._unsettled.append(path)

    def settle(self) -> None:
        """Sync the files written so far, so that they survive a power failure. Raises `OSError`."""
        paths, self._unsettled = self._unsettled, []
        for path in paths:
            with contextlib.suppress(FileNotFoundError):  # it was evicted in the meantime
                self._layer.sync(path)
        for folder in dict.fromkeys(path.parent for path in paths):
            self._layer.sync_folder(folder)

    def read(self, fingerprint: Fingerprint, codecs: Sequence[ArrayCodec]) -> Any:
        """Read a value from its file. Raises `FileNotFoundError`, other `OSError`s and `DamagedError`."""
        with self._layer.read(self.path(fingerprint)) as file:
            skeleton, buffers = read_from(file, os.fstat(file.fileno()).st_size)
        return unpack(skeleton, buffers, codecs)

    def exists(self, fingerprint: Fingerprint) -> bool:
        """Return whether a fingerprint has a file."""
        return self.path(fingerprint).is_file()

    def remove(self, fingerprint: Fingerprint) -> None:
        """Delete a file if it exists; one that Windows locks is left for the next sweep."""
        with contextlib.suppress(PermissionError):
            self._layer.remove(self.path(fingerprint))

    def set_aside(self, path: Path) -> None:
        """Set a file aside, and delete all but the last few of those. Raises `OSError` when it cannot be moved."""
        make_private(self._aside)
        with contextlib.suppress(FileNotFoundError):
            self._layer.rename(path, self._aside / f"{time.time_ns()}-{path.name}")
        total = 0
        for number, each in enumerate(sorted(self._aside.iterdir(), reverse=True)):
            total += each.stat().st_size
            if number >= _LAST_SET_ASIDE or total > MOST_SET_ASIDE:
                self._layer.remove(each)

    def set_value_aside(self, fingerprint: Fingerprint) -> None:
        """Set aside the damaged file of a fingerprint, or delete it; if neither works, it stays."""
        try:
            self.set_aside(self.path(fingerprint))
        except OSError:
            with contextlib.suppress(OSError):
                self.remove(fingerprint)

    def fingerprints(self) -> list[Fingerprint]:
        """Return the fingerprints of all files."""
        return [fingerprint for path in self._files() if (fingerprint := _fingerprint_of(path)) is not None]

    def sweep(self) -> None:
        """Delete half-written files of processes that ended."""
        now = time.time()
        for path in self._files():
            with contextlib.suppress(OSError):
                if path.suffix == ".part" and (_is_gone(path) or now - path.stat().st_mtime >= _TAKEN_FOR_DEAD_SECONDS):
                    self._layer.remove(path)

    def clear_aside(self) -> None:
        """Delete the files that were set aside."""
        for path in self._aside.iterdir() if self._aside.is_dir() else ():
            with contextlib.suppress(OSError):
                self._layer.remove(path)

    def _files(self) -> Iterator[Path]:
        if self._folder.is_dir():
            for inner in list(self._folder.iterdir()):
                if inner.is_dir():
                    yield from list(inner.iterdir())


def _fingerprint_of(path: Path) -> Fingerprint | None:
    try:
        return CONTENT + bytes.fromhex(path.stem) if path.suffix == _SUFFIX else None
    except ValueError:
        return None


def _is_gone(half: Path) -> bool:
    """Return whether the process that wrote a file has ended; False where that is unknown."""
    if os.name != "posix":
        return False  # here, `os.kill` would end the process
    try:
        os.kill(int(half.name.split("-")[1]), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, LookupError, OverflowError):
        return False
    return False
