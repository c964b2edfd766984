"""The state of some files, to detect changes later: contents of small files, sizes and times of large ones.

Files that the system or tools write by themselves (compiled modules, version control) do not count. Paths are relative,
so that moved files are the same files.
"""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from graph.node_types.digests import State, digest, encode, file_state

NOT_COUNTED = frozenset({"__pycache__", ".git", ".hg", ".svn", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv"})
"""Folders whose files do not affect results."""
MOST_FILES = 20_000
"""The most files that are checked before every run."""
_SETTLED = 100_000_000
"""Nanoseconds: a file changed this recently may change again without a new time, because file clocks tick slowly."""
_READ = 2**20
"""The most bytes of a file whose content counts; of a larger one, such as weights, size and times count."""
_READ_IN_ALL = 32 * 2**20


NOWHERE: State = (-1, 0, 0)
"""The state of a link that leads nowhere."""


class UnknownStateError(Exception):
    """The state of some files cannot be known; the message says why."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files at a path, or those in it that `counts` accepts, with their states."""

    path: Path
    states: dict[str, State]
    counts: Callable[[os.DirEntry[str]], bool] | None = None
    folders: dict[str, int] = field(default_factory=dict)
    """When the entries of each folder last changed; -1 where a change since then might not show."""

    def is_as_it_was(self) -> bool:
        """Return whether no file was added, removed or changed."""
        try:
            root = os.fspath(self.path)
            for name, state in self.states.items():
                place = f"{root}/{name}" if name else root
                if state != NOWHERE and state != file_state(os.stat(place)):  # noqa: PTH116 - faster than `Path`
                    return False
            if NOWHERE in self.states.values():
                return take(self.path, self.counts).states == self.states
            if all(_changed(folder) == at for folder, at in self.folders.items()):
                return True
            found = take(self.path, self.counts)
        except (OSError, UnknownStateError):
            return False
        if found.states == self.states:
            self.folders.update(found.folders)  # the added or removed entries do not count
            return True
        return False

    def digest(self) -> bytes:
        """Return a digest of the files, the same in every process. Raises `UnknownStateError`."""
        left = _READ_IN_ALL
        facts: list[object] = []
        for name, state in self.states.items():
            if state == NOWHERE or state[0] > min(_READ, left):
                facts.append((name, *state))
                continue
            left -= state[0]
            try:
                facts.append((name, digest((self.path / name if name else self.path).read_bytes())))
            except OSError as error:
                raise UnknownStateError(f"{name} cannot be read ({error.strerror})") from None
        return digest(encode(facts))

    def sources(self) -> Iterator[Path]:
        """The Python files."""
        for name in self.states:
            path = self.path / name if name else self.path
            if path.suffix == ".py":
                yield path


def take(path: Path, counts: Callable[[os.DirEntry[str]], bool] | None = None) -> Snapshot:
    """Record the state of a file, or of all files in a folder whose top entries `counts` accepts.

    Raises `UnknownStateError` for unreadable entries, and where there are too many.
    """
    states: dict[str, State] = {}
    folders: dict[str, int] = {}
    try:
        if not path.is_dir():
            return Snapshot(path, {"": file_state(path.stat())})
        _walk(os.fspath(path), "", states, folders, counts, (os.path.realpath(path),))
    except OSError as error:
        raise UnknownStateError(f"{error.filename or path.name} cannot be read ({error.strerror})") from None
    return Snapshot(path, dict(sorted(states.items())), counts, folders)


def _walk(
    folder: str,
    inner: str,
    states: dict[str, State],
    folders: dict[str, int],
    counts: Callable[[os.DirEntry[str]], bool] | None,
    above: tuple[str, ...],
) -> None:
    changed = _changed(folder)  # before its entries are read
    folders[folder] = changed if changed < time.time_ns() - _SETTLED else -1
    with os.scandir(folder) as entries:
        for entry in entries:
            if counts is not None and not counts(entry):
                continue
            if entry.is_dir():
                real = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
                if entry.name not in NOT_COUNTED and real not in above:  # links may form a cycle
                    _walk(entry.path, f"{inner}{entry.name}/", states, folders, None, (*above, real))
            elif entry.is_file():
                states[inner + entry.name] = file_state(entry.stat())
            elif entry.is_symlink():  # it leads nowhere, for now
                states[inner + entry.name] = NOWHERE
            if len(states) > MOST_FILES:
                raise UnknownStateError(f"there are more than {MOST_FILES:,} files")


def _changed(folder: str) -> int:
    return os.stat(folder).st_mtime_ns  # noqa: PTH116 - as above


def drop_stale_bytecode(snapshot: Snapshot) -> None:
    """Delete compiled modules that are not younger than their sources.

    Python compares only size and second of a source: one that was written twice within a second could run as it was
    first.
    """
    for source in snapshot.sources():
        compiled = Path(importlib.util.cache_from_source(os.fspath(source)))
        try:
            if compiled.stat().st_mtime_ns <= source.stat().st_mtime_ns:
                compiled.unlink()
        except OSError:
            continue  # there is none, or it cannot be deleted
