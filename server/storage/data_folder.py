"""The data folder: made private to its user, used by one server at a time, with the token in it."""

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
    """Another server works with this folder."""


class DataFolder:
    """The folder while it is in use: made, and locked until it is closed or the process ends.

    Raises `OSError`, and `FolderInUseError` when another server has it.
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
        """Let others use it."""
        self._lock.close()

    def keep(self, name: str, content: Callable[[], bytes]) -> None:
        """A file of ours that is to be there again after the folder was deleted; its owner's alone."""
        self._kept[name] = content

    def reclaim(self) -> None:
        """Lock it again after it was deleted and made anew, with the files that are kept.

        What is locked is a file, and that is another then. Raises `OSError` and `FolderInUseError`.
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
    """The token of this folder, and why it was drawn anew, if it was.

    It is drawn at the first start, and when `anew` asks for it. Version 0.1.0 handed its token to pages as their
    cookie, so that other programs of the machine may have seen it: such a token is drawn anew once.
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
    """Whether a token is too long to be tried out; blanks do not count."""
    return len("".join(token.split())) >= SHORTEST_TOKEN


def _lock(file: IO[bytes]) -> None:
    if os.name == "posix":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
