"""The files in a folder and below, and what was left out, with the reason.

Every entry is checked by itself, so that an unreadable one hides no other. The walk is bounded, and the entries of a
folder are cached while the folder does not change. Opens no files.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from graph.files.name_rules import is_unicode

MOST_ENTRIES = 100_000
"""The most entries that one walk visits, the uppermost ones first."""

_SETTLED = 3 * 10**9
"""Nanoseconds: a folder that was changed this shortly before may change again without a new time."""
_STALE = 10.0
"""Seconds for which a folder counts as unchanged: some file systems do not report changes."""

NOT_READABLE = "it may not be read"
LEADS_NOWHERE = "the link leads nowhere"
LEADS_OUT = "the link leads out of the folder"
NO_UTF8 = "its name is not UTF-8"
NO_FILE = "it is neither a file nor a folder"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An existing file that is not offered. `name` can be displayed and may differ from the name on disk."""

    name: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """Return it for JSON."""
        return {"name": self.name, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Listing:
    """The names that can be chosen, and what was left out."""

    names: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(slots=True)
class _FolderEntries:
    """The cached entries of a folder, with their kinds."""

    stamp: tuple[int, ...]
    entries: list[tuple[str, str]]
    seen: float
    fine: set[str] = field(default_factory=set)
    """The files that are known to be readable."""


class Lister:
    """Lists folders and caches their entries. Safe from any thread."""

    def __init__(self) -> None:
        self._kept: dict[str, _FolderEntries] = {}
        self._size = 0
        self._lock = threading.Lock()

    def list(
        self, root: Path, suffixes: Collection[str], *, markers: Collection[str] = (), follow: bool = False
    ) -> Listing:
        """Return the files with some suffixes at and below `root`, and the folders with one of the `markers`, sorted.

        Skips hidden entries. Follows links that lead out of `root` only with `follow`.
        """
        return _Walk(self, root, suffixes, markers, follow=follow).go()

    def read(self, place: str, status: os.stat_result) -> _FolderEntries:
        """Return the entries of a folder. Raises `OSError` when it cannot be read."""
        stamp = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        with self._lock:
            kept = self._kept.get(place)
        now = time.monotonic()
        if kept is not None and kept.stamp == stamp and now - kept.seen < _STALE and os.access(place, os.R_OK):
            return kept
        began = time.time_ns()
        with os.scandir(place) as found:
            entries = sorted((entry.name, _kind(entry)) for entry in found)
        kept = _FolderEntries(stamp, entries, now)
        if began - status.st_mtime_ns > _SETTLED:
            self._keep(place, kept)
        return kept

    def forget(self) -> None:
        """Forget all cached folders: a file was added, and not every file system reports that."""
        with self._lock:
            self._kept.clear()
            self._size = 0

    def _keep(self, place: str, kept: _FolderEntries) -> None:
        with self._lock:
            if self._size > 2 * MOST_ENTRIES:
                self._kept.clear()
                self._size = 0
            self._kept[place] = kept
            self._size += len(kept.entries) + 1


class _Walk:
    """One walk through a folder and those below."""

    def __init__(
        self, lister: Lister, root: Path, suffixes: Collection[str], markers: Collection[str], *, follow: bool
    ) -> None:
        self.lister = lister
        self.root = root
        self.suffixes = suffixes
        self.markers = markers
        self.follow = follow
        self.names: list[str] = []
        self.left_out: dict[str, str] = {}
        self.folders: deque[tuple[str, str]] = deque()
        self.linked: deque[tuple[str, str]] = deque()
        """Folders behind links come last, so that a folder is listed under its own name where it has one."""

    def go(self) -> Listing:
        seen: set[tuple[int, int]] = set()  # links may form cycles
        looked_at = 0
        if os.path.lexists(self.root):
            self.folders.append(("", os.fspath(self.root)))
        while self.folders or self.linked:
            inner, place = (self.folders or self.linked).popleft()
            try:
                status = os.stat(place)  # noqa: PTH116 - texts: there may be very many
                if (status.st_dev, status.st_ino) in seen and status.st_ino:
                    continue
                seen.add((status.st_dev, status.st_ino))
                kept = self.lister.read(place, status)
            except OSError as error:
                self.leave_out(inner.rstrip("/") or f"{self.root.name}/", why_unreadable(error))
                continue
            for name, kind in kept.entries:
                looked_at += 1
                if looked_at > MOST_ENTRIES:
                    self.leave_out(inner + name, f"only the first {MOST_ENTRIES:,} entries are listed")
                    return self.listing()
                if not name.startswith("."):
                    self._look_at(inner, name, kind, f"{place}{os.sep}{name}", kept.fine)
        return self.listing()

    def listing(self) -> Listing:
        left_out = tuple(LeftOut(name, self.left_out[name]) for name in sorted(self.left_out))
        return Listing(tuple(sorted(self.names)), left_out)

    def leave_out(self, name: str, reason: str) -> None:
        self.left_out.setdefault(shown_name(name), reason)

    def _look_at(self, inner: str, name: str, kind: str, path: str, fine: set[str]) -> None:
        wanted = os.path.splitext(name)[1].lower() in self.suffixes  # noqa: PTH122 - texts: there may be very many
        is_link = kind == "link"
        if is_link:
            try:
                mode = os.stat(path).st_mode  # noqa: PTH116
            except OSError as error:
                if wanted or not os.path.splitext(name)[1]:  # noqa: PTH122
                    self.leave_out(inner + name, why_unreadable(error, link=True))
                return
            kind = "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"
        if not (wanted or kind == "folder"):
            return
        if not is_unicode(name):
            self.leave_out(inner + name, NO_UTF8)
        elif is_link and not self.follow and not is_inside(path, self.root):
            self.leave_out(inner + name, LEADS_OUT)
        elif kind == "folder" and not self._is_model(path):
            (self.linked if is_link else self.folders).append((f"{inner}{name}/", path))
        elif kind == "other":
            self.leave_out(inner + name, NO_FILE)
        elif name in fine or os.access(path, os.R_OK | (os.X_OK if kind == "folder" else 0)):
            if not is_link:
                fine.add(name)
            self.names.append(inner + name)
        else:
            self.leave_out(inner + name, NOT_READABLE)

    def _is_model(self, path: str) -> bool:
        return any(os.path.isfile(f"{path}{os.sep}{marker}") for marker in self.markers)  # noqa: PTH113


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        if entry.is_symlink():
            return "link"
        if entry.is_dir(follow_symlinks=False):
            return "folder"
        return "file" if entry.is_file(follow_symlinks=False) else "other"
    except OSError:  # it disappeared, or the folder does not say
        return "other"


def shown_name(name: str) -> str:
    """Return a name that can be displayed; bytes that are no UTF-8 are escaped."""
    return name if is_unicode(name) else os.fsencode(name).decode("utf-8", "backslashreplace")


def unusable(entry: os.DirEntry[str], root: Path) -> str:
    """Return why a file below a closed `root` is left out, or ''."""
    if not is_unicode(entry.name):
        return NO_UTF8
    return LEADS_OUT if entry.is_symlink() and not is_inside(entry.path, root) else ""


def is_inside(path: str | Path, root: Path) -> bool:
    """Return whether a path, after following all links, is inside `root`."""
    try:
        return Path(path).resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a cycle of links
        return False


def why_unreadable(error: OSError, *, link: bool = False) -> str:
    """Return why an entry cannot be read, without its path."""
    if isinstance(error, PermissionError):
        return NOT_READABLE
    if link or isinstance(error, FileNotFoundError):
        return LEADS_NOWHERE if link else "it is not there any more"
    return in_words(error)


def in_words(error: OSError) -> str:
    """Return the message of the operating system, without the path."""
    text = error.strerror or type(error).__name__
    return text[:1].lower() + text[1:]


def files_in(folder: Path, unreadable: Callable[[OSError], None] | None = None) -> Iterator[tuple[str, Path]]:
    """Yield the files of a model folder with their relative names, sorted; follows links, each folder once.

    Passes errors to `unreadable`; without it, raises them.
    """

    def report(error: OSError) -> None:
        if unreadable is None:
            raise error
        unreadable(error)

    found: dict[str, Path] = {}
    seen: set[tuple[int, int]] = set()
    for place, folders, names in os.walk(folder, onerror=report, followlinks=True):
        try:
            status = Path(place).stat()
            if (status.st_dev, status.st_ino) in seen:
                folders.clear()
                continue
            seen.add((status.st_dev, status.st_ino))
            paths = [path for name in names if (path := Path(place, name)).is_file()]
        except OSError as error:
            report(error)
            continue
        found.update({path.relative_to(folder).as_posix(): path for path in paths})
    yield from sorted(found.items())


def _pass_over(error: OSError) -> None:
    """Ignore what cannot be read."""


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of the readable files of a model folder."""
    try:
        if not path.is_dir():
            return path.stat().st_size
        return sum(file.stat().st_size for _, file in files_in(path, unreadable=_pass_over))
    except OSError:
        return 0
