"""Standard output belongs to the answer of a command: what packs and nodes print goes to standard error.

That holds for descriptors as well as for `print`: C code and programs that are started write where descriptor 1 leads.
The answer has a descriptor of its own, with a number that is out of the way.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import TextIO

_HIGH = 900
_answers: TextIO | None = None


def fill_missing() -> None:
    """Standard streams that the caller has closed lead nowhere. Else the next file would get the number of one: a
    database, into which programs that are started then print."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def answers() -> TextIO:
    """Where an answer is written."""
    return sys.stdout if _answers is None else _answers


def private(descriptor: int) -> int:
    """A copy of a descriptor that programs which are started do not get, and whose number nobody stumbles over."""
    try:
        import fcntl

        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    except (ImportError, OSError):  # Windows; a process may have fewer descriptors than that
        return os.dup(descriptor)


def untrusted_stream(descriptor: int) -> TextIO:
    """A stream for whoever prints; when it is closed, the descriptor is not."""
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)


@contextlib.contextmanager
def apart(*, for_good: bool) -> Iterator[None]:
    """Keep standard output for answers; `for_good`: until the process ends, whatever is printed at its end."""
    global _answers
    kept, before = sys.stdout, _answers
    if not _is_standard_output(kept):  # somebody collects what is printed: a test
        _answers, sys.stdout = kept, sys.stderr
        try:
            yield
        finally:
            _answers, sys.stdout = before, kept
        return
    kept.flush()
    number = private(1)
    _answers = open(number, "w", encoding=kept.encoding, errors=kept.errors, closefd=False)  # noqa: SIM115
    if isinstance(kept, io.TextIOWrapper):
        _answers.reconfigure(line_buffering=kept.line_buffering)  # type: ignore[attr-defined]
    os.dup2(2, 1)
    sys.stdout = untrusted_stream(1)
    try:
        yield
    finally:
        if not for_good:
            _answers.flush()
            with contextlib.suppress(OSError, AttributeError):
                ctypes.CDLL(None).fflush(None)  # what C code printed and did not send yet
            os.dup2(number, 1)
            os.close(number)
            _answers, sys.stdout = before, kept


def end_soon(code: int, seconds: float = 5.0) -> None:
    """End with this code although a pack left a thread or a function that would keep the process from its end."""

    def end() -> None:
        time.sleep(seconds)
        os._exit(code)

    threading.Thread(target=end, name="jacquard-end", daemon=True).start()


def _is_standard_output(stream: TextIO) -> bool:
    try:
        return stream.fileno() == 1
    except (OSError, ValueError, AttributeError):
        return False
