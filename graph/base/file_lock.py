"""A lock on a file that ends with the process that holds it. Child processes do not inherit it."""

from __future__ import annotations

import os
from typing import IO


def lock(file: IO[bytes], *, wait: bool) -> bool:
    """Lock a file, open for writing, until it is closed; return whether the lock was taken."""
    try:
        if os.name == "posix":
            import fcntl

            fcntl.lockf(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            file.seek(0)
            mode = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK  # type: ignore[attr-defined,unused-ignore]
            msvcrt.locking(file.fileno(), mode, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return False
    return True
