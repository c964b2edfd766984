"""What lies in a folder inside the input folder: names in the order that people expect, sizes and times.

Folder names come from workflow files, so from strangers: they cannot lead out of the input folder, and neither can
links inside of it. Nothing is opened here.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from graph.api import FileNameError, Files

MOST_FILES = 1_000_000
"""More are refused: somebody pointed at a whole disk."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One file. `name` is relative to the folder that was listed, with forward slashes; `time` in nanoseconds."""

    name: str
    path: Path
    size: int
    time: int


def list_folder(
    files: Files, folder: str, pattern: str, *, recursive: bool, suffixes: Collection[str] = ()
) -> list[Listed]:
    """The files of a folder inside the input folder ('' is that folder itself) whose names match, in natural order.

    `pattern` is as on a command line ("*.png", several parted by blanks), without regard to case. Hidden files are
    left out, and links to folders are not followed. Raises `FileNameError`.
    """
    root = files.path("input", folder) if folder.strip() not in ("", ".") else files.root("input").resolve()
    if not root.is_dir():
        raise FileNameError(f"{folder!r} is a file, not a folder", "name a folder inside the input folder")
    wanted = re.compile("|".join(fnmatch.translate(part.casefold()) for part in pattern.split() or ["*"]))
    found = []
    for entry in _entries(root, recursive):
        name = entry.name.casefold()
        if not wanted.match(name) or (suffixes and os.path.splitext(name)[1] not in suffixes):  # noqa: PTH122
            continue
        path = Path(entry.path)
        if entry.is_symlink() and not path.resolve().is_relative_to(root):
            continue
        status = entry.stat()
        found.append(Listed(path.relative_to(root).as_posix(), path, status.st_size, status.st_mtime_ns))
        if len(found) > MOST_FILES:
            message = f"the folder holds more than {MOST_FILES:,} files"
            raise FileNameError(message, "name a smaller folder, or a pattern that fits fewer files")
    return sorted(found, key=lambda item: (natural(item.name), item.name))


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts as people count: 'cat 2' comes before 'cat 10', and case does not matter."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def _entries(root: Path, recursive: bool) -> Iterator[os.DirEntry[str]]:
    pending = [os.fspath(root)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_file():
                    yield entry
                elif recursive and entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
