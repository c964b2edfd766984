"""The data folder: private to its user, locked by one server at a time, with the token in it."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO, Self

from graph.files.folders import make_private, write_atomically
from server.storage.set_aside import set_aside

SHORTEST_TOKEN = 16
_MARK = "jacquard-"
_OF_0_1_0 = re.compile(r"^[A-Za-z0-9_-]{43}$")


class FolderInUseError(RuntimeError):
    """Another server uses this folder."""


class DataFolder:
    """The folder while it is in use: created, and locked until it is closed or the process ends.

    Raises `OSError`, and `FolderInUseError` if another server has locked it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        make_private(path)
        self._kept: dict[str, Callable[[], bytes]] = {}
        self._lock = self._take()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Releases the lock."""
        self._lock.close()

    def keep(self, name: str, content: Callable[[], bytes]) -> None:
        """Registers a file that `reclaim` restores after the folder was deleted. It is private to the owner."""
        self._kept[name] = content

    def reclaim(self) -> None:
        """Locks the folder again after it was deleted and created anew, and restores the registered files.

        The lock is held on a file, and the new folder has a new one. Raises `OSError` and `FolderInUseError`.
        """
        if not self._is_locked():
            before, self._lock = self._lock, self._take()
            before.close()
        for name, content in self._kept.items():
            if not os.path.lexists(self.path / name):
                write_atomically(self.path / name, content(), overwrite=True, mode=0o600)

    def _is_locked(self) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return os.path.samestat((self.path / "lock").stat(), os.fstat(self._lock.fileno()))
        return False

    def _take(self) -> IO[bytes]:
        with contextlib.suppress(OSError):
            self.path.chmod(0o700)
        place = self.path / "lock"
        if place.is_dir():
            set_aside(place)
        lock = place.open("ab")
        try:
            _lock(lock)
        except OSError:
            lock.close()
            raise FolderInUseError(
                f"Another Jacquard uses the folder {self.path}. Open that one with 'python main.py open', stop it, "
                "or give this one another folder with --data-dir."
            ) from None
        return lock


def read_token(path: Path, *, anew: bool = False) -> tuple[str, str]:
    """Returns the token of this folder and, if it was replaced, why.

    The token is drawn at the first start, and if `anew` is set. Version 0.1.0 gave its token to pages as their cookie,
    so other programs of the machine may have seen it: such a token is replaced once.
    """
    file = path / "token"
    why = "as --new-token asks" if anew else ""
    try:
        token = file.read_text("ascii").strip()
        if not anew and is_long_enough(token) and not _OF_0_1_0.match(token):
            return token, ""
        why = why or ("since an earlier version gave it to browsers" if token else "since it was empty or too short")
    except FileNotFoundError:
        why = ""
    except (OSError, UnicodeDecodeError):
        why = f"{why or 'since the file could not be read'}; that file is set aside as {set_aside(file).name}"
    token = _MARK + secrets.token_urlsafe(32)
    write_atomically(file, token.encode(), overwrite=True, mode=0o600)
    return token, why


def is_long_enough(token: str) -> bool:
    """Whether a token is too long to be guessed; blanks do not count."""
    return len("".join(token.split())) >= SHORTEST_TOKEN


def _lock(file: IO[bytes]) -> None:
    if os.name == "posix":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
