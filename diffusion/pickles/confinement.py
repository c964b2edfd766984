"""What a process gives up before it opens a file that it does not trust. What cannot be given up here is said.

Three walls, each behind the other: the unpickler itself runs nothing; an audit hook refuses sockets, programs and files
that are not the two at hand; and where the system has it, the process has no network and a limit on its memory.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

_NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000
"""Linux: CLONE_NEWUSER and CLONE_NEWNET."""
_REFUSED = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile",
            "ctypes.", "winreg.", "urllib.", "ftplib.", "smtplib.", "webbrowser.", "pty.", "os.putenv", "os.remove",
            "os.rmdir", "shutil.", "os.chmod", "os.chown", "os.link", "os.symlink")  # fmt: skip


def give_up_network() -> str:
    """Puts this process into a network of its own with nothing in it; returns why not, or ''."""
    if not sys.platform.startswith("linux"):
        return "this system cannot take the network away from one process"
    import ctypes

    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USER_AND_NETWORK) != 0:
        return f"the system did not take the network away ({os.strerror(ctypes.get_errno())})"
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        try:
            Path("/proc/self", name).write_text(text, encoding="ascii")
        except OSError:  # without a map the process is nobody, which can still read and write what it has open
            continue
    return ""


def limit_memory(more: int) -> str:
    """Lets this process take only `more` bytes above what it has; returns why not, or ''."""
    if not sys.platform.startswith("linux"):
        return "this system sets no limit to the memory of one process"
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = pages * resource.getpagesize() + more
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError) as error:
        return f"the memory could not be limited ({error})"
    return ""


def refuse_the_rest(writable: Sequence[Path]) -> None:
    """From here on this process starts no program, opens no socket, and writes into no file but these."""
    allowed = {os.fspath(path) for path in writable}

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(_REFUSED):
            raise PermissionError(f"refused while a pickle is open: {event}")
        if event == "open" and _writes(arguments) and str(arguments[0]) not in allowed:
            raise PermissionError("refused while a pickle is open: writing into another file")

    sys.addaudithook(audit)


def _writes(arguments: tuple[object, ...]) -> bool:
    _, mode, flags = (*arguments, None, None)[:3]
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
