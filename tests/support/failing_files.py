"""A disk whose files fail when a test says so: every write of Python code under a folder is counted, and may fail.

Whoever writes there is covered, whatever it uses: `open`, `pathlib`, `tempfile` and `shutil` all come to the calls that
are replaced here. What SQLite writes by itself is not; see `failing_database`.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_CALLS = (
    "replace", "rename", "link", "symlink", "unlink", "remove", "mkdir", "rmdir", "chmod", "truncate",
    "ftruncate", "write",
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class FailingFiles:
    """Counts what is written under `folder`. The write with number `fails_at` fails, and `many` in all."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = str(folder)
        self.writes: list[str] = []
        self.failed: list[str] = []
        self._fails_at = self._many = 0
        self._open = io.open
        patch.setattr(os, "fsync", self._counted("fsync", lambda _: None))  # nobody pulls the plug
        for name in _CALLS:
            patch.setattr(os, name, self._counted(name, getattr(os, name)))
        patch.setattr(os, "open", self._opened(os.open))
        patch.setattr(io, "open", self._open_file)
        patch.setattr(builtins, "open", self._open_file)

    def fail(self, at: int, many: int) -> None:
        """Begin to count again."""
        self.writes, self.failed = [], []
        self._fails_at, self._many = at, many

    def count(self, what: str, place: Any) -> None:
        """A write; raises what a full disk does when it is its turn."""
        self.writes.append(f"{what} {Path(str(place)).name}")
        if self._fails_at and len(self.writes) >= self._fails_at and len(self.failed) < self._many:
            self.failed.append(self.writes[-1])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place))

    def is_here(self, place: Any) -> bool:
        """Whether a path, or what a descriptor is of, lies under the folder."""
        if isinstance(place, int):
            try:
                place = Path(f"/proc/self/fd/{place}").readlink()
            except OSError:
                return False
        return (
            isinstance(place, str | os.PathLike) and str(place).startswith(self.folder) and "sqlite" not in str(place)
        )

    def _counted(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(place: Any, *arguments: Any, **named: Any) -> Any:
            if self.is_here(place):
                self.count(name, place)
            return real(place, *arguments, **named)

        return call

    def _opened(self, real: Callable[..., int]) -> Callable[..., int]:
        def call(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
            if flags & _WRITING and self.is_here(path):
                self.count("open", path)
            return real(path, flags, *arguments, **named)

        return call

    def _open_file(self, file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        if not set(mode) & set("wax+") or not self.is_here(file):
            return self._open(file, mode, *arguments, **named)
        if not isinstance(file, int):
            self.count("open", file)
        raw = _File(self, file, mode)
        if "b" in mode:
            return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return io.TextIOWrapper(io.BufferedWriter(raw), encoding=named.get("encoding"))


class _File(io.FileIO):
    """A file whose writes are counted; one that fails has written half."""

    def __init__(self, disk: FailingFiles, file: Any, mode: str) -> None:
        super().__init__(file, mode.replace("b", "").replace("t", ""))
        self._disk = disk

    def write(self, data: Any, /) -> int:
        try:
            self._disk.count("write", self.name)
        except OSError:
            super().write(memoryview(data)[: len(data) // 2])
            raise
        return super().write(data) or 0
