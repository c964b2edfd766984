"""What stands around the import of a pack: it may take only so long, and does not end the process if that can be had.

`os._exit` in the importing thread raises; a signal breaks off what takes too long; where neither helps (a crash, a
loop in C) the fault handler of Python writes down where it was, and the notes have the rest. What reads standard
input finds its end.
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
"""How much longer a pack gets that does not let itself be broken off."""
_AGAIN = 1.0
_INTERRUPTED = 130


class PackEndedError(BaseException):
    """A pack called `os._exit`."""


class PackTookTooLongError(BaseException):
    """The time for an import is over."""


class Guard:
    """Stands around the imports of packs, and around each of them.

    `interrupted`: a person pressed Ctrl+C during the last import, and did not mean the pack.
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
        """All imports are inside of this: only the importing thread of this process may not end it."""
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
        """One import, and looking at what it changed, are inside of this."""
        self.interrupted = False
        with contextlib.ExitStack() as stack:
            stack.enter_context(_no_input())
            stack.enter_context(_fault_handler(self._trace, self._seconds))
            if threading.current_thread() is threading.main_thread():
                stack.enter_context(self._signals())
            yield

    def arm(self) -> None:
        """The import itself begins: if it takes too long, it is broken off."""
        self._process = self._getpid()
        self._armed = True

    def disarm(self) -> None:
        """It is over. A copy of the process that a pack made, and that comes out of the import as well, ends here."""
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
    """It writes into the note; and whatever the pack had it do later is not done."""
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
