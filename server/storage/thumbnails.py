"""Makes thumbnails of pictures once, and keeps a bounded number of them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from pathlib import Path

import pictures
from graph.files.folders import write_atomically
from server.storage.picture_threads import PictureThreads

KEPT_FILES = 5_000
_MAKING = 2
"""Raised when a thumbnail of the same file comes out differently."""
_TRIM_EVERY = 200
_LOG = logging.getLogger("jacquard.server")


class Thumbnails:
    """Makes WebP pictures that fit into a size; deletes the oldest if there are too many."""

    def __init__(self, folder: Path, threads: PictureThreads) -> None:
        self._folder = folder
        self._threads = threads
        self._made = 0

    async def get(self, path: Path, size: int) -> tuple[str, bytes]:
        """Returns the ETag and bytes of a thumbnail. Raises `PictureError` for a file that is no picture."""
        status = path.stat()
        facts = f"{path}\0{status.st_mtime_ns}\0{status.st_size}\0{size}\0{_MAKING}"
        name = hashlib.sha256(facts.encode("utf-8", "surrogateescape")).hexdigest()[:40]
        kept = self._folder / name[:2] / f"{name}.webp"
        if data := await asyncio.to_thread(_read, kept):
            return f'"{name}"', data
        data = await self._threads.do(lambda: self._make(path, size, kept))
        return f'"{name}"', data

    def _make(self, path: Path, size: int, kept: Path) -> bytes:
        data = pictures.small.thumbnail(path, size)
        try:
            write_atomically(kept, data, overwrite=True)
            self._made += 1
            if self._made % _TRIM_EVERY == 1:
                self._trim()
        except OSError as error:  # it is returned all the same, and made again next time
            _LOG.warning("a thumbnail could not be stored: %s", error.strerror)
        return data

    def _trim(self) -> None:
        files = sorted(self._folder.glob("*/*.webp"), key=lambda file: file.stat().st_mtime)
        for old in files[: max(0, len(files) - KEPT_FILES)]:
            with contextlib.suppress(OSError):
                old.unlink(missing_ok=True)


def _read(kept: Path) -> bytes:
    """Returns a stored thumbnail, or nothing if it is missing or truncated."""
    try:
        data = kept.read_bytes()
    except OSError:
        return b""
    return data if data[:4] == b"RIFF" and len(data) == int.from_bytes(data[4:8], "little") + 8 else b""
