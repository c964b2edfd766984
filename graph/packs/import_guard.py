"""Limits the time of an import, and keeps it from ending the process, as far as possible.

`os._exit` in the importing thread raises; a signal interrupts an import that takes too long. Where neither helps (a
crash, a loop in C), Python's fault handler writes the traceback into the note of the import. Standard input is empty.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_GRACE = 5.0
"""Extra time for an import that cannot be interrupted."""
_AGAIN = 1.0
_INTERRUPTED = 130


class PackEndedError(BaseException):
    """A pack called `os._exit`."""


class PackTookTooLongError(BaseException):
    """An import exceeded its time."""


class Guard:
    """Guards imports of packs.

    `interrupted`: a person pressed Ctrl+C during the last import; the pack is not the cause.
    """

    def __init__(self, seconds: float, trace: int | None) -> None:
        self.interrupted = False
        self._seconds = seconds
        self._trace = trace
        self._armed = False
        self._leave, self._getpid = os._exit, os.getpid
        self._process = os.getpid()

    @contextlib.contextmanager
    def on_duty(self) -> Iterator[None]:
        """Enclose all imports: the importing thread cannot end the process."""
        process, thread, identity = os.getpid(), threading.get_ident(), threading.get_ident

        def refuse(status: int = 0) -> None:
            if self._armed and self._getpid() == process and identity() == thread:
                raise PackEndedError(f"os._exit({status})")
            self._leave(status)

        os._exit = refuse  # type: ignore[assignment]
        try:
            yield
        finally:
            os._exit = self._leave

    @contextlib.contextmanager
    def around(self) -> Iterator[None]:
        """Enclose one import and the check of what it changed."""
        self.interrupted = False
        with contextlib.ExitStack() as stack:
            stack.enter_context(_no_input())
            stack.enter_context(_fault_handler(self._trace, self._seconds))
            if threading.current_thread() is threading.main_thread():
                stack.enter_context(self._signals())
            yield

    def arm(self) -> None:
        """Start the import itself: from now on it is interrupted if it takes too long."""
        self._process = self._getpid()
        self._armed = True

    def disarm(self) -> None:
        """End the import. A fork that the pack made, and that returns from the import as well, exits here."""
        self._armed = False
        if self._getpid() != self._process:
            self._leave(0)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        previous: dict[int, Any] = {}
        timed = self._seconds > 0 and hasattr(signal, "setitimer")
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            previous[signal.SIGINT] = signal.signal(signal.SIGINT, self._on_interrupt)
        if timed:
            previous[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_alarm)
            left, interval = signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN)
        try:
            yield
        finally:
            if timed:
                signal.setitimer(signal.ITIMER_REAL, left, interval)
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _on_alarm(self, *_: object) -> None:
        if self._armed:
            raise PackTookTooLongError

    def _on_interrupt(self, *_: object) -> None:
        if self.interrupted:
            self._leave(_INTERRUPTED)
        self.interrupted = True
        raise KeyboardInterrupt


@contextlib.contextmanager
def _no_input() -> Iterator[None]:
    try:
        kept = os.dup(0)
    except OSError:
        yield
        return
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.dup2(kept, 0)
            os.close(kept)


@contextlib.contextmanager
def _fault_handler(trace: int | None, seconds: float) -> Iterator[None]:
    """Let the fault handler write into the note, and cancel what the pack scheduled with it."""
    enabled = faulthandler.is_enabled()
    if trace is not None and not enabled:
        faulthandler.enable(trace, all_threads=False)
    if trace is not None and seconds > 0:
        faulthandler.dump_traceback_later(seconds + min(seconds, _GRACE), exit=True, file=trace)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        if not enabled and faulthandler.is_enabled():
            faulthandler.disable()
