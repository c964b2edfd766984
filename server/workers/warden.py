"""A program for Linux that ends a worker and all processes that it started, together with the server.

`warden.py PARENT COMMAND...` runs a command as its child, with the same standard input, output and error. It exits like
the command (by the same signal, or with the same code) once all its descendants have ended: processes that outlive the
command become children of the warden, even in another session, and are killed. So nothing that holds a pipe open delays
the server, which waits for the warden. SIGTERM, which the kernel also sends when the server ends in any way, ends all
of them at once.

It imports nothing else of Jacquard, so that it starts fast and stays small.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time
from typing import NoReturn

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_KILL_SECONDS = 5.0
"""Seconds to wait for killed processes. One that hangs in the kernel, or belongs to another user, is left."""
_CANNOT_START = 127


def main(command: list[str]) -> NoReturn:
    """Runs `command`, then kills its descendants and exits like it."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _end_with_the_parent(signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches all processes of the terminal; the server decides
    warden, child = os.getpid(), 0

    def end(*_: object) -> None:
        if child:
            _kill(child)

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    signal.signal(signal.SIGTERM, end)
    child = os.fork()
    if not child:
        _exec(command, warden)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _release_pipes()
    status = _wait_for(child)
    _kill_remaining()
    _exit_like(status)


def _exec(command: list[str], warden: int) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _end_with_the_parent(signal.SIGKILL)
    if os.getppid() != warden:
        os._exit(_CANNOT_START)
    try:
        os.execvp(command[0], command)  # noqa: S606 - what the server asks for
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    os._exit(_CANNOT_START)


def _release_pipes() -> None:
    """Closes the pipes, so that the server notices at once when the worker closes one."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


def _wait_for(child: int) -> int:
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return status


def _kill_remaining() -> None:
    """Kills the remaining descendants, until there are none."""
    until = time.monotonic() + _KILL_SECONDS
    while time.monotonic() < until:
        for pid in _children():
            _kill(pid)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


def _children() -> list[int]:
    own, found = os.getpid(), []
    for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib takes longer to load than all of this
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                if int(file.read().rpartition(b")")[2].split()[1]) == own:
                    found.append(int(name))
    return found


def _exit_like(status: int) -> NoReturn:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core of the worker is useful, one of the warden is not
        with contextlib.suppress(OSError, ValueError):
            signal.signal(-code, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {-code})
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 128 - code)


def _kill(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)


def _end_with_the_parent(number: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, number)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


if __name__ == "__main__":
    parent, *rest = sys.argv[1:]
    if os.getppid() == int(parent):  # else the server is gone already
        main(rest)
