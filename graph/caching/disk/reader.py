"""Reads values back from a cache folder and verifies their fingerprints.

A missing or damaged value is a miss: `bad` is called, so that the index drops it, and a damaged file is set aside.
Disk errors are never raised.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from graph.caching.disk.cache_folder import DiskFolder
from graph.caching.disk.index import DiskIndex
from graph.caching.disk.safetensors_file import read_from
from graph.caching.disk.serialization import DamagedError, UnknownArrayError, unpack
from graph.results.arrays import ArrayCodec
from graph.results.fingerprint import Fingerprinter
from graph.results.result import Fingerprint

_LOG = logging.getLogger("jacquard.cache")


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome of reading every value. Damaged ones were set aside."""

    values: int
    bad: int
    """How many of them are missing or damaged."""
    damaged: tuple[str, ...]
    """What is wrong, with the file names."""
    unreadable: int
    """Values with arrays of unknown kinds; they stay."""


class _GoneError(Exception):
    """A value is missing, or (`is_there`) damaged."""

    def __init__(self, message: str, *, is_there: bool) -> None:
        super().__init__(message)
        self.is_there = is_there


class DiskReader:
    """Reads the values of one cache folder."""

    def __init__(self, folder: DiskFolder, codecs: Sequence[ArrayCodec], bad: Callable[[Fingerprint], object]) -> None:
        self._folder = folder
        self._codecs = tuple(codecs)
        self._fingerprinter = Fingerprinter(codecs)
        self._bad = bad

    def load(self, fingerprints: Iterable[Fingerprint | None]) -> tuple[Any, ...] | None:
        """Return the values of some fingerprints; None when one cannot be read."""
        index = self._folder.index
        if index is None:
            return None
        values = []
        for fingerprint in fingerprints:
            if fingerprint is None:
                return None
            try:
                values.append(self._read(fingerprint, index))
            except _GoneError as error:
                if error.is_there:
                    _LOG.warning("A value in the cache was damaged and is set aside: %s", error)
                self._give_up(fingerprint, error)
                return None
            except (UnknownArrayError, OSError):
                return None
            except sqlite3.Error as error:
                self._folder.failed(error, index)
                return None
        return tuple(values)

    def verify(self) -> Verified:
        """Read every value, and set damaged ones aside."""
        wrong = self._folder.attempt(DiskIndex.check, "")
        damaged = [f"the index: {wrong}"] if wrong else []
        unreadable = failed = 0
        bad: list[tuple[Fingerprint, _GoneError]] = []
        nothing: list[Fingerprint] = []
        fingerprints = self._folder.attempt(DiskIndex.contents, nothing)
        for fingerprint in fingerprints:
            index = self._folder.index
            if index is None:
                break
            try:
                self._read(fingerprint, index)
            except UnknownArrayError:
                unreadable += 1
            except _GoneError as error:
                if error.is_there or self._is_missing(fingerprint):  # else it was evicted in the meantime
                    damaged.append(f"{error}; {'set aside' if error.is_there else 'it is forgotten'}")
                    bad.append((fingerprint, error))
            except (OSError, sqlite3.Error) as error:
                failed += 1
                damaged.append(f"{self._folder.blobs.path(fingerprint).name}: {error}")
        # Only now: the first call of `bad` starts a sweep, after which no other file would be found missing.
        for fingerprint, gone in bad:
            self._give_up(fingerprint, gone)
        if self._folder.was_broken:
            damaged.insert(0, f"the index: {self._folder.was_broken}; it is set aside and started anew")
            self._folder.was_broken = ""
        return Verified(len(fingerprints), len(bad) + failed, tuple(damaged), unreadable)

    def _is_missing(self, fingerprint: Fingerprint) -> bool:
        """Return whether a content has a row and no file, checked under the write lock."""

        def look(index: DiskIndex) -> bool:
            with index.writing() as change:
                return change.has_content(fingerprint) and not self._folder.blobs.exists(fingerprint)

        return self._folder.attempt(look, True)

    def _read(self, fingerprint: Fingerprint, index: DiskIndex) -> Any:
        """Read the value of a fingerprint. Raises `_GoneError`, `UnknownArrayError`, `OSError`, `sqlite3.Error`."""
        blobs = self._folder.blobs
        name = blobs.path(fingerprint).name
        there, inline = index.content(fingerprint)
        try:
            if not there:
                raise FileNotFoundError
            if inline is not None:
                value = unpack(*read_from(BytesIO(inline), len(inline)), self._codecs)
            else:
                value = blobs.read(fingerprint, self._codecs)
        except FileNotFoundError:
            raise _GoneError(f"{name}: it is not there", is_there=False) from None
        except DamagedError as error:
            raise _GoneError(f"{name}: {error}", is_there=True) from None
        if self._fingerprinter.of(value) != fingerprint:
            raise _GoneError(f"{name}: it is not what was stored", is_there=True)
        return value

    def _give_up(self, fingerprint: Fingerprint, error: _GoneError) -> None:
        if error.is_there:
            self._folder.blobs.set_value_aside(fingerprint)
        self._bad(fingerprint)
