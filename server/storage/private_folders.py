"""Makes folders with pictures, values and prompts private, whatever the umask, and turns core dumps off.

A core dump of the server would contain all of these, and the token.

A missing folder is created private. A folder with the default rights, which others can read, was made by an earlier
version or without thought: it is closed once, and the user is informed. A folder with other rights, a link, or a folder
of another user was arranged by a person and is left as it is; so is one that is opened again later.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from graph.files.folders import make_private, write_atomically

PRIVATE = 0o700
_USUAL = (0o755, 0o775)
_RECORD = "closed-folders.json"
_PR_SET_DUMPABLE = 4


def close_folders(folders: Mapping[str, Path], data: Path) -> list[str]:
    """Makes folders (kind -> path) private, each once; returns sentences for the user. The record is in `data`."""
    record = data / _RECORD
    closed = _read(record)
    sentences = []
    for kind, path in folders.items():
        if kind in closed:
            continue
        with contextlib.suppress(OSError):
            if _is_open_by_itself(path):
                path.chmod(PRIVATE)
                sentences.append(
                    f"The folder {kind}/ could be read by other users of this machine; it is yours alone now. "
                    "To share it, open it again (chmod o+rx): it is left as it is from now on."
                )
            else:
                make_private(path)
            closed.append(kind)
    with contextlib.suppress(OSError):
        if closed != _read(record):
            write_atomically(record, json.dumps(closed).encode(), overwrite=True)
    return sentences


def write_no_core() -> None:
    """Turns off core dumps of this process and its children, and access of other programs to its memory."""
    if os.name != "posix":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":
        import ctypes

        # A core handler that is a program is started whatever the limit is.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _is_open_by_itself(path: Path) -> bool:
    if os.name != "posix" or path.is_symlink():
        return False
    try:
        status = path.stat()
    except OSError:
        return False
    mask = os.umask(0o077)
    os.umask(mask)
    return status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) in (*_USUAL, 0o777 & ~mask)


def _read(record: Path) -> list[str]:
    try:
        found = json.loads(record.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    return [kind for kind in found if isinstance(kind, str)] if isinstance(found, list) else []
