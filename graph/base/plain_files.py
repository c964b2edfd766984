"""Opening files that strangers may have put there: plain files only.

A pipe in the place of a file would be waited for without end, and a device may give anything. Looking first and opening
then leaves a gap between the two, so the file is opened without waiting, and looked at once it is open.
"""

from __future__ import annotations

import os
import stat
from io import BufferedReader
from pathlib import Path

_HOW = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class NotPlainError(OSError):
    """What is there is a pipe, a socket, a device or a folder."""


def open_plain(path: Path) -> BufferedReader:
    """Open a file for reading. Raises `NotPlainError` for what is none, and `OSError` as `open` does."""
    try:
        descriptor = os.open(path, _HOW)
    except OSError as error:
        if os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113 - of no further use than the words
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
    """The bytes of a plain file; raises as `open_plain`."""
    with open_plain(path) as file:
        return file.read()


def _words(path: Path) -> str:
    return f"{path.name} is not a plain file"
