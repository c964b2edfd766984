"""The few calls by which the disk tier touches a disk, so that a test can hand in a disk that fails."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import BinaryIO

_NEW_FILE = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)


class FileLayer:
    """The real disk."""

    def create(self, path: Path) -> int:
        """A new file, open for writing; what is there already is refused."""
        return os.open(path, _NEW_FILE, 0o644)

    def write(self, descriptor: int, data: memoryview) -> None:
        """All of the bytes."""
        data = data.cast("B")
        while data:
            data = data[os.write(descriptor, data) :]

    def sync(self, path: Path) -> None:
        """Return once what was written to a file is on the disk."""
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Put a file into the place of another, at once."""
        os.replace(source, target)  # noqa: PTH105 - the same call, named as what it does

    def remove(self, path: Path) -> None:
        """Delete a file; one that is not there is fine."""
        path.unlink(missing_ok=True)

    def sync_folder(self, path: Path) -> None:
        """Return once the names in a folder are on the disk."""
        if os.name != "posix":
            return  # Windows cannot open folders; NTFS journals the rename
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self, path: Path) -> BinaryIO:
        """A file, open for reading."""
        return path.open("rb", buffering=0)

    def space(self, path: Path) -> tuple[int, int]:
        """Bytes of the disk that a folder lies on, in all and free."""
        usage = shutil.disk_usage(path)
        return usage.total, usage.free

    def connect(self, path: Path) -> sqlite3.Connection:
        """A connection to a database, without transactions of its own."""
        return sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
