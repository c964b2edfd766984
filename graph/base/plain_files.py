"""Opening files that others may have put there: plain files only.

Reading a named pipe may block forever, and a device may return anything. Checking before opening leaves a gap for a
race, so the file is opened without blocking and checked once it is open.
"""

from __future__ import annotations

import os
import stat
from io import BufferedReader
from pathlib import Path

_HOW = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class NotPlainError(OSError):
    """The path names a pipe, a socket, a device or a folder."""


def open_plain(path: Path) -> BufferedReader:
    """Open a plain file for reading. Raises `NotPlainError` for anything else, and `OSError` as `open` does."""
    try:
        descriptor = os.open(path, _HOW)
    except OSError as error:
        if os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113 - only chooses the message
            raise NotPlainError(_words(path)) from error  # sockets cannot be opened at all
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotPlainError(_words(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_plain(path: Path) -> bytes:
    """Return the bytes of a plain file. Raises what `open_plain` raises."""
    with open_plain(path) as file:
        return file.read()


def _words(path: Path) -> str:
    return f"{path.name} is not a plain file"
