"""Files named by the content mark of the value that they hold: `blobs/3f/3f0c... .safetensors`.

A file appears under its name whole or not at all: it is written beside it and renamed, and synced by `settle` later: a
process that is killed loses nothing that is not on the disk yet, and what a machine lost whose power went is noticed by
who reads it. One that turns out to be damaged is *set aside* into a folder of its own, where the last few stay for who
wants to look, if they are not too large. This room knows files; which of them are wanted is the index's matter.
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
_MOST_SET_ASIDE = 256 * 2**20
"""Bytes of them: they are not counted with what a cache may hold."""
_TAKEN_FOR_DEAD_SECONDS = 3600.0
"""A half-written file that is older belongs to no process that is about to finish it, whatever its number says."""


class Blobs:
    """The files of one cache folder."""

    def __init__(self, folder: Path, layer: FileLayer) -> None:
        self._folder = folder / "blobs"
        self._aside = folder / "set-aside"
        self._layer = layer
        self._numbers = itertools.count()
        self._unsettled: list[Path] = []

    def path(self, fingerprint: Fingerprint) -> Path:
        """Where the file of a mark is."""
        name = fingerprint[len(CONTENT) :].hex()
        return self._folder / name[:2] / (name + _SUFFIX)

    def write(self, fingerprint: Fingerprint, pieces: Sequence[memoryview]) -> None:
        """Put the file of a mark where it belongs; raises `OSError`."""
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
                # Windows, while another process reads the same file; named by content, it is as good as ours.
                if not path.exists():
                    raise
        finally:
            with contextlib.suppress(OSError):
                self._layer.remove(half)
        self._unsettled.append(path)

    def settle(self) -> None:
        """Return once what was written is on the disk, should its power go; raises `OSError`."""
        paths, self._unsettled = self._unsettled, []
        for path in paths:
            with contextlib.suppress(FileNotFoundError):  # it was let go meanwhile
                self._layer.sync(path)
        for folder in dict.fromkeys(path.parent for path in paths):
            self._layer.sync_folder(folder)

    def read(self, fingerprint: Fingerprint, codecs: Sequence[ArrayCodec]) -> Any:
        """The value in a file. Raises `FileNotFoundError`, other `OSError`s and `DamagedError`."""
        with self._layer.read(self.path(fingerprint)) as file:
            skeleton, buffers = read_from(file, os.fstat(file.fileno()).st_size)
        return unpack(skeleton, buffers, codecs)

    def exists(self, fingerprint: Fingerprint) -> bool:
        """Whether there is a file for a mark."""
        return self.path(fingerprint).is_file()

    def remove(self, fingerprint: Fingerprint) -> None:
        """Delete a file, if it is there; one that Windows holds on to is left for the next sweep."""
        with contextlib.suppress(PermissionError):
            self._layer.remove(self.path(fingerprint))

    def set_aside(self, path: Path) -> None:
        """Take a file out of the way and keep the last few of those; raises `OSError` when it cannot be moved."""
        make_private(self._aside)
        with contextlib.suppress(FileNotFoundError):
            self._layer.rename(path, self._aside / f"{time.time_ns()}-{path.name}")
        total = 0
        for number, each in enumerate(sorted(self._aside.iterdir(), reverse=True)):
            total += each.stat().st_size
            if number >= _LAST_SET_ASIDE or total > _MOST_SET_ASIDE:
                self._layer.remove(each)

    def set_fingerprint_aside(self, fingerprint: Fingerprint) -> None:
        """Take the damaged file of a mark out of the way, or delete it; where neither can be done, it stays."""
        try:
            self.set_aside(self.path(fingerprint))
        except OSError:
            with contextlib.suppress(OSError):
                self.remove(fingerprint)

    def fingerprints(self) -> list[Fingerprint]:
        """Every mark that has a file."""
        return [fingerprint for path in self._files() if (fingerprint := _fingerprint_of(path)) is not None]

    def sweep(self) -> None:
        """Delete half-written files of processes that are gone."""
        now = time.time()
        for path in self._files():
            with contextlib.suppress(OSError):
                if path.suffix == ".part" and (_is_gone(path) or now - path.stat().st_mtime >= _TAKEN_FOR_DEAD_SECONDS):
                    self._layer.remove(path)

    def clear_aside(self) -> None:
        """Delete what was set aside."""
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
    """Whether the process that began a file has ended. Where that cannot be told, it may be at work."""
    if os.name != "posix":
        return False  # asking a process whether it is there would end it
    try:
        os.kill(int(half.name.split("-")[1]), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, LookupError, OverflowError):
        return False
    return False
