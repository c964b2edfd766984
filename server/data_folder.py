"""The data folder: made private to its user, used by one server at a time, with the token in it."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import IO

from graph.files import write_atomically


class FolderInUseError(RuntimeError):
    """Another server works with this folder."""


def open_data_folder(path: Path) -> IO[bytes]:
    """Make the folder and lock it; the lock is held while the returned file is open, and ends with the process."""
    path.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        path.chmod(0o700)
    lock = (path / "lock").open("ab")
    try:
        _lock(lock)
    except OSError:
        lock.close()
        raise FolderInUseError(
            f"Another Jacquard uses the folder {path}. Stop it, or give this one another with --data-dir."
        ) from None
    return lock


def read_token(path: Path) -> str:
    """The token of this folder, drawn at the first start."""
    file = path / "token"
    with contextlib.suppress(FileNotFoundError, FileExistsError):
        token = file.read_text("ascii").strip()
        if len(token) >= 16:
            return token
    token = secrets.token_urlsafe(32)
    write_atomically(file, token.encode(), overwrite=True)
    file.chmod(0o600)
    return token


def _lock(file: IO[bytes]) -> None:
    if os.name == "posix":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
