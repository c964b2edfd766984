"""Names of new files that count up: `cat_00001_.png`, `cat_00002_.png`; no number is given twice."""

from __future__ import annotations

import itertools
import os
import re
import threading
from pathlib import Path

from graph.files.folders import holds, write_atomically

_LAST = 16
"""More files than a killed process could have left without reporting them."""


class NumberedNames:
    """Writes files as `<prefix>_00001_.png`, `<prefix>_00002_.png` ... and never under an existing name.

    A folder is listed once per prefix and process; then the counter continues. A name that another process took in the
    meantime is skipped when writing to it fails.
    """

    def __init__(self) -> None:
        self._next: dict[tuple[Path, str], itertools.count[int]] = {}
        self._left: dict[tuple[Path, str], list[Path]] = {}
        """The last files that existed at first and may be results of a killed process."""
        self._lock = threading.Lock()

    def write(self, folder: Path, prefix: str, suffix: str, data: bytes, *, names_its_run: bool = False) -> Path:
        """Write `data` under the next free number; return its path.

        With `names_its_run`, `data` is unique to its run. So an equal one among the last files that existed at first
        was written by a process that was killed before it could report it, and is returned instead.
        """
        folder.mkdir(parents=True, exist_ok=True)  # a file in its place is no taken number
        counter = self._next.get((folder, prefix))
        if counter is None:
            there = _numbered(folder, prefix)
            self._left.setdefault((folder, prefix), [path for _, path in there[-_LAST:]])
            counter = self._next.setdefault((folder, prefix), itertools.count(there[-1][0] + 1 if there else 1))
        if names_its_run:
            with self._lock:
                left = self._left[folder, prefix]
                found = next((path for path in left if holds(path, data)), None)
                if found is not None:
                    left.remove(found)  # two equal pictures get a file each
                    return found
        while True:
            path = folder / f"{prefix}_{next(counter):05}_{suffix}"
            try:
                write_atomically(path, data)
            except FileExistsError:
                continue
            return path


def _numbered(folder: Path, prefix: str) -> list[tuple[int, Path]]:
    """Return the numbered files of a prefix, by number."""
    pattern = re.compile(re.escape(prefix) + r"_(\d+)_?\.[^.]+$")
    if not folder.is_dir():
        return []
    found = ((pattern.match(entry.name), entry.path) for entry in os.scandir(folder))
    return sorted((int(match[1]), Path(path)) for match, path in found if match)
