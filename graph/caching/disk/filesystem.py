"""The file operations of the disk tier, replaceable in tests by ones that fail."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import BinaryIO

from graph.files.folders import sync_folder

_NEW_FILE = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)


class FileLayer:
    """The real disk."""

    def create(self, path: Path) -> int:
        """Create a file and open it for writing. Raises if it exists."""
        return os.open(path, _NEW_FILE, 0o644)

    def write(self, descriptor: int, data: memoryview) -> None:
        """Write all bytes."""
        data = data.cast("B")
        while data:
            data = data[os.write(descriptor, data) :]

    def sync(self, path: Path) -> None:
        """Sync the content of a file to disk."""
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Replace a file atomically."""
        os.replace(source, target)  # noqa: PTH105 - the same call, by its precise name

    def remove(self, path: Path) -> None:
        """Delete a file, if it exists."""
        path.unlink(missing_ok=True)

    def sync_folder(self, path: Path) -> None:
        """Sync the entries of a folder to disk."""
        sync_folder(path)

    def read(self, path: Path) -> BinaryIO:
        """Open a file for reading."""
        return path.open("rb", buffering=0)

    def space(self, path: Path) -> tuple[int, int]:
        """Return total and free bytes of the disk of a folder."""
        usage = shutil.disk_usage(path)
        return usage.total, usage.free

    def connect(self, path: Path) -> sqlite3.Connection:
        """Connect to a database, in autocommit mode."""
        return sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
