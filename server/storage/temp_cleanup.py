"""Removes old files at the start: temporary pictures after a week, and unfinished files of killed processes.

Links are not followed.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from server.storage.uploads import PREFIX

KEPT_SECONDS = 7 * 24 * 3600
LEFT_SECONDS = 24 * 3600
_LEFT_OVER = re.compile(rf"({re.escape(PREFIX)}(?P<process>\d+)-|\.)[a-z0-9_]{{8}}\.part")
"""The names of unfinished files: of an upload, with the number of its process, and of an atomic write."""


def tidy_temporary(folder: Path, now: float | None = None) -> int:
    """Removes files of the temp folder that were not written for a week; returns how many."""
    oldest = (time.time() if now is None else now) - KEPT_SECONDS
    return sum(_removed(path) for path in _files(folder) if _is_older(path, oldest))


def tidy_left_overs(folders: Iterable[Path], now: float | None = None) -> int:
    """Removes unfinished files whose process has ended, or that were not written for a day; returns how many."""
    oldest = (time.time() if now is None else now) - LEFT_SECONDS
    removed = 0
    for folder in folders:
        for path in _files(folder):
            found = _LEFT_OVER.fullmatch(path.name)
            if found is not None and (_is_gone(found["process"]) or _is_older(path, oldest)):
                removed += _removed(path)
    return removed


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_symlink():
        return
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            with contextlib.suppress(OSError):
                if path.is_file() and not path.is_symlink():
                    yield path


def _is_gone(process: str | None) -> bool:
    """Whether a process is known to have ended."""
    if process is None or os.name != "posix":
        return False  # on Windows `os.kill` would end it
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        return False
    return False


def _is_older(path: Path, oldest: float) -> bool:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime < oldest
    return False


def _removed(path: Path) -> bool:
    with contextlib.suppress(OSError):
        path.unlink()
        return True
    return False
