"""What lies in a folder inside the input folder: names in the order that people expect, sizes and times.

Folder names come from workflow files, so from strangers: they cannot lead out of the input folder, and neither can
links inside of it. Nothing is opened here.
"""

from __future__ import annotations

import contextlib
import difflib
import fnmatch
import os
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from graph.api import FileNameError, Files, State, file_state, shown_name, unusable, why_unreadable

LeftOut = Callable[[str, str], None]
"""Is told the name of something that cannot be read, and the reason."""

_WHOLE = ("", ".")
"""The input folder itself, where the pictures that come with Jacquard count, too."""
MOST_FILES = 1_000_000
"""More are refused: somebody pointed at a whole disk."""
_LISTED = 8
"""How many folders an error message lists."""


def _say_nothing(name: str, reason: str) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One file. `name` is relative to the folder that was listed, with forward slashes; `state` tells of changes."""

    name: str
    path: str
    state: State


def list_folder(
    files: Files,
    folder: str,
    pattern: str,
    *,
    recursive: bool,
    suffixes: Collection[str] = (),
    left_out: LeftOut = _say_nothing,
) -> list[Listed]:
    """The files of a folder inside the input folder ('' is that folder itself) whose names match, in natural order.

    `pattern` is as on a command line ("*.png", several parted by blanks), without regard to case. Hidden files are
    left out, and links to folders are not followed. What cannot be read takes nothing else away: `left_out` is called
    with its name and the reason. Raises `FileNameError`.
    """
    wanted = re.compile("|".join(fnmatch.translate(part.casefold()) for part in pattern.split() or ["*"]))

    def fits(name: str) -> bool:
        name = name.casefold()
        return bool(wanted.match(name)) and (not suffixes or os.path.splitext(name)[1] in suffixes)  # noqa: PTH122

    found: dict[str, Listed] = {}
    for root in _roots(files, folder):
        for inner, entry in entries(root, recursive, left_out):  # texts: `Path`s cost more than the file system here
            if not fits(entry.name):
                continue
            if reason := unusable(entry, root):
                left_out(shown_name(inner + entry.name), reason)
            else:
                with contextlib.suppress(FileNotFoundError):  # somebody else has taken it away since
                    _add(found, inner + entry.name, entry.path, entry.stat())
    if folder.strip() in _WHOLE:
        for name, path in files.bundled_files("input").items():
            if fits(name) and path.is_file():
                _add(found, name, os.fspath(path), path.stat())
    return sorted(found.values(), key=lambda item: (natural(item.name), item.name))


def _roots(files: Files, folder: str) -> list[Path]:
    if folder.strip() in _WHOLE:
        return [root.resolve() for root in files.roots.get("input", ()) if root.is_dir()]
    try:
        root = files.path("input", folder).resolve()
    except FileNameError as error:
        if not error.is_missing:
            raise  # it leads out of the folder, or may not be read
        message = f"there is no folder {folder!r} inside the input folder"
        raise FileNameError(message, _advice(files, folder)) from None
    if not root.is_dir():
        raise FileNameError(f"{folder!r} is a file, not a folder", "name a folder inside the input folder")
    return [root]


def _advice(files: Files, folder: str) -> str:
    """What to do about a folder that is not there: take that which is most like it, or one of those that are."""
    roots = [root for root in files.roots.get("input", ()) if root.is_dir()]
    known: set[str] = set()
    for root in roots:
        with contextlib.suppress(OSError), os.scandir(root) as entries:
            known.update(entry.name for entry in entries if _can_be_listed(entry))
    shown = sorted((name for name in known if not name.startswith(".") and shown_name(name) == name), key=natural)
    close = difflib.get_close_matches(folder, shown, n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]!r}?"
    listed = ", ".join(map(repr, shown[:_LISTED]))
    return f"use one of those that are there, such as {listed}" if shown else "put a folder with files there"


def _can_be_listed(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and os.access(entry.path, os.R_OK | os.X_OK)


def _add(found: dict[str, Listed], name: str, path: str, status: os.stat_result) -> None:
    if name not in found:  # of two roots, the first one's
        found[name] = Listed(name, path, file_state(status))
    if len(found) > MOST_FILES:
        message = f"the folder holds more than {MOST_FILES:,} files"
        raise FileNameError(message, "name a smaller folder, or a pattern that fits fewer files")


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts as people count: 'cat 2' comes before 'cat 10', and case does not matter."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def entries(root: Path, recursive: bool, left_out: LeftOut) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Files, each with the folder that it lies in: '' or 'inner/folder/'."""
    pending = [("", os.fspath(root))]
    while pending:
        inner, place = pending.pop()
        try:
            with os.scandir(place) as found:
                entries = [entry for entry in found if not entry.name.startswith(".")]
        except OSError as error:
            left_out(shown_name(inner.rstrip("/")) or f"{root.name}/", why_unreadable(error))
            continue
        for entry in entries:
            try:
                if entry.is_file():
                    yield inner, entry
                elif recursive and entry.is_dir(follow_symlinks=False):
                    pending.append((f"{inner}{entry.name}/", entry.path))
            except OSError as error:  # a link in a circle, a network that went away
                left_out(shown_name(inner + entry.name), why_unreadable(error))
