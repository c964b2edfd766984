"""Finds and undoes changes of process settings, such as the locale, that a pack made when it was imported.

`process_state` decides when.
"""

from __future__ import annotations

import gc
import locale
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

_GONE = object()


def settings(only: Collection[str] = ()) -> Callable[[], list[str]]:
    """Record settings; the returned function restores changed ones and returns their names."""
    before = [(name, read, write, _try(read)) for name, read, write in _knobs() if not only or name in only]

    def put_back() -> list[str]:
        found = []
        for name, read, write, old in before:
            if old is not _GONE and not _same(_try(read), old):
                write(old)
                found.append(name)
        return found

    return put_back


def _try(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Exception:  # noqa: BLE001 - such as a deleted working folder
        return _GONE


def _same(new: object, old: object) -> bool:
    plain = (int, float, str, tuple, list, set, frozenset)
    return new is old or (isinstance(old, plain) and type(new) is type(old) and new == old)


def _knobs() -> Iterator[tuple[str, Callable[[], Any], Callable[[Any], Any]]]:
    streams = ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")
    for name in (*streams, "modules", "argv", "executable", "prefix"):
        yield f"sys.{name}", partial(getattr, sys, name), partial(setattr, sys, name)
    yield "os.environ", partial(getattr, os, "environ"), partial(setattr, os, "environ")
    yield "the working folder", os.getcwd, os.chdir
    yield "the limit of recursion", sys.getrecursionlimit, sys.setrecursionlimit
    yield "the switching of threads", sys.getswitchinterval, sys.setswitchinterval
    yield "the limit of digits", sys.get_int_max_str_digits, sys.set_int_max_str_digits
    yield "sys.settrace", sys.gettrace, sys.settrace
    yield "sys.setprofile", sys.getprofile, sys.setprofile
    yield "threading.settrace", threading.gettrace, threading.settrace
    yield "threading.setprofile", threading.getprofile, threading.setprofile
    yield "the stacks of threads", threading.stack_size, threading.stack_size
    yield "the callbacks of the garbage collector", lambda: list(gc.callbacks), _set_callbacks
    for name in ("ITIMER_VIRTUAL", "ITIMER_PROF"):
        if hasattr(signal, name):
            which = getattr(signal, name)
            yield "a timer", partial(_is_set, which), partial(_stop_timer, which)
    yield "the garbage collector", gc.isenabled, lambda on: gc.enable() if on else gc.disable()
    yield "the thresholds of the garbage collector", gc.get_threshold, lambda old: gc.set_threshold(*old)
    yield "the locale", _locale, lambda old: locale.setlocale(locale.LC_ALL, old)
    yield "logging.disable", lambda: logging.root.manager.disable, logging.disable
    yield "the mask of new files", _umask, os.umask
    yield "the start method of multiprocessing", _start_method, _set_start_method
    yield "the event loops of asyncio", _loop_policy, _set_loop_policy
    if hasattr(os, "sched_getaffinity"):
        yield "the processors of the process", lambda: os.sched_getaffinity(0), lambda old: os.sched_setaffinity(0, old)


def _set_callbacks(old: list[Any]) -> None:
    gc.callbacks[:] = old


def _is_set(which: int) -> bool:
    return signal.getitimer(which) != (0.0, 0.0)


def _stop_timer(which: int, _: object) -> None:
    signal.setitimer(which, 0.0)


def _locale() -> str:
    return locale.setlocale(locale.LC_ALL)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _start_method() -> object:
    """Return the chosen method, if it is not the default: any library that creates a lock fixes the default."""
    context = getattr(sys.modules.get("multiprocessing.context"), "_default_context", None)
    if context is None:
        return None
    chosen = context.get_start_method(allow_none=True)
    return None if chosen == context.get_all_start_methods()[0] else chosen


def _set_start_method(old: str | None) -> None:
    sys.modules["multiprocessing.context"]._default_context.set_start_method(old, force=True)


def _loop_policy() -> object:
    """Return the chosen policy; asyncio creates its own one on demand."""
    policy = getattr(sys.modules.get("asyncio.events"), "_event_loop_policy", None)
    return None if type(policy).__module__.startswith("asyncio.") else policy


def _set_loop_policy(old: object) -> None:
    setattr(sys.modules["asyncio.events"], "_event_loop_policy", old)  # noqa: B010 - no public name sets it to None
