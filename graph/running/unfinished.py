"""What calls that take long have worked out so far: a folder for each key, which outlives the process.

A folder is removed when the result of its call lies in the disk cache. Those of calls that nobody made again are
removed by age and by size, oldest first, when another one is asked for.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from graph.files.folders import make_private
from graph.results.result import Key

KIND = "unfinished"
"""The kind of folder in which they lie."""
MOST_BYTES = 16 * 2**30
MOST_SECONDS = 30 * 24 * 3600.0
_NAME = 40


class Unfinished:
    """The folders of unfinished calls below `root`; without one there are none."""

    def __init__(self, root: Path | None, *, most_bytes: int = MOST_BYTES, most_seconds: float = MOST_SECONDS) -> None:
        self._root = root
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds

    def folder(self, key: Key) -> Path | None:
        """Return the folder of a call, made if it is missing. None when there is no place for it."""
        if self._root is None:
            return None
        place = self._place(self._root, key)
        try:
            make_private(self._root)
            self._make_room(self._root, place)
            place.mkdir(exist_ok=True)
            place.touch()
        except OSError:  # a disk that cannot be written to; the call goes on without
            return None
        return place

    def remove(self, key: Key) -> None:
        """Remove the folder of a call: its result is kept elsewhere."""
        if self._root is not None:
            shutil.rmtree(self._place(self._root, key), ignore_errors=True)

    def _place(self, root: Path, key: Key) -> Path:
        return root / key.hex()[:_NAME]

    def _make_room(self, root: Path, needed: Path) -> None:
        """Remove folders that are too old, and the oldest ones while all together are too large."""
        now, total = time.time(), 0
        for changed, size, path in sorted(_measured(root.iterdir()), reverse=True):
            if path == needed:
                continue
            total += size
            if total > self._most_bytes or now - changed > self._most_seconds:
                shutil.rmtree(path, ignore_errors=True)


def _measured(folders: Iterable[Path]) -> Iterable[tuple[float, int, Path]]:
    """Yield when each folder was last used, its size, and itself."""
    for folder in folders:
        with contextlib.suppress(OSError):  # another process removed it
            files = [item.stat() for item in folder.iterdir()] if folder.is_dir() else []
            last = max([folder.stat().st_mtime, *(item.st_mtime for item in files)])
            yield last, sum(item.st_size for item in files), folder
