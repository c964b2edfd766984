"""Reserves standard output for the results of a command: packs and nodes print to standard error.

This holds for descriptors as well as for `print`: C code and child processes write to descriptor 1. Results have a
descriptor of their own, with a high number.
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
    """Opens standard streams that the caller has closed on the null device. Otherwise the next file would get such a
    number, a database for example, and child processes would print into it."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def answers() -> TextIO:
    """Returns the stream for results."""
    return sys.stdout if _answers is None else _answers


def private(descriptor: int) -> int:
    """Returns a copy of a descriptor that child processes do not inherit, with a number that others do not use."""
    try:
        import fcntl

        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    except (ImportError, OSError):  # Windows; a process may have fewer descriptors than that
        return os.dup(descriptor)


def untrusted_stream(descriptor: int) -> TextIO:
    """Returns a stream for code that prints; closing it does not close the descriptor."""
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)


@contextlib.contextmanager
def apart(*, for_good: bool) -> Iterator[None]:
    """Reserves standard output for results during the context; with `for_good` until the process ends."""
    global _answers
    kept, before = sys.stdout, _answers
    if not _is_standard_output(kept):  # a test captures the output
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
                ctypes.CDLL(None).fflush(None)  # flush what C code has printed
            os.dup2(number, 1)
            os.close(number)
            _answers, sys.stdout = before, kept


def end_soon(code: int, seconds: float = 5.0) -> None:
    """Ends the process with this code even if a pack left a thread or an exit function that would block it."""

    def end() -> None:
        time.sleep(seconds)
        os._exit(code)

    threading.Thread(target=end, name="jacquard-end", daemon=True).start()


def _is_standard_output(stream: TextIO) -> bool:
    try:
        return stream.fileno() == 1
    except (OSError, ValueError, AttributeError):
        return False
