"""Whether a file is the one of before (by its state), and whether two are copies of each other (by their content)."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from graph.files.listing import files_in

_HEADER_BYTES = 2**16
_SAMPLES, _SAMPLE_BYTES = 16, 2**12
_FOLDER_FILES = 1_000
"""So many files of a model folder are looked at; those that there are have about twenty."""


def identity(path: Path) -> bytes:
    """Returns 16 bytes that change when a file or model folder is replaced, changed, moved or renamed.

    They are made of path, device, inode, size and times; of a folder, of those of its files. Raises `OSError`.
    """
    status = path.stat()
    parts = [_state(str(path), status)]
    if stat.S_ISDIR(status.st_mode):
        parts += [_state(name, item.stat()) for name, item in _files(path)]
    return hashlib.blake2b("\n".join(parts).encode("utf-8", "surrogateescape"), digest_size=16).digest()


def content_digest(path: Path) -> str:
    """Returns a digest of size, header and samples of the weights, which a copy under another name has as well.

    The header alone would not do: descendants of one model have equal headers and equal sizes. Of a model folder, the
    names and sizes of its files, and its settings, count. Reads at most 128 KiB of a file. Raises `OSError`.
    """
    found = hashlib.blake2b(digest_size=20)
    for name, item in _files(path) if path.is_dir() else [("", path)]:
        size = item.stat().st_size
        found.update(f"{name}\0{size}\0".encode("utf-8", "surrogateescape"))
        with item.open("rb") as file:
            if not name or name.endswith(".json"):
                found.update(file.read(_HEADER_BYTES))
            for number in range(1, _SAMPLES + 1) if size > _HEADER_BYTES else ():
                file.seek(size * number // _SAMPLES - _SAMPLE_BYTES)
                found.update(file.read(_SAMPLE_BYTES))
    return found.hexdigest()


def content_bytes(path: Path) -> int:
    """Returns the size of a file, or of the files of a model folder. Raises `OSError`."""
    status = path.stat()
    if not stat.S_ISDIR(status.st_mode):
        return status.st_size
    return sum(item.stat().st_size for _, item in _files(path))


def _state(name: str, status: os.stat_result) -> str:
    times = f"{status.st_mtime_ns} {status.st_ctime_ns}"
    return f"{name}\0{status.st_dev} {status.st_ino} {status.st_size} {times}"


def _files(folder: Path) -> list[tuple[str, Path]]:
    found = list(files_in(folder, unreadable=lambda _: None))
    return found[:_FOLDER_FILES]
