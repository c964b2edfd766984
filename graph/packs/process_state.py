"""Finds and undoes other changes of the process: streams, environment, folders, handlers, limits.

The state is recorded before each import and compared after it; changes are undone and reported in a few words. Changes
that libraries make for good reasons stay: new environment variables, new import paths (moved behind the existing ones),
new filters that silence warnings. `patches` finds replaced code.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from graph.packs.dependencies import PARENT
from graph.packs.process_settings import settings

Undo = Callable[[], list[str]]
"""Undoes changes; returns their names."""
Watch = Callable[[], Undo]
"""Records a state."""

_GONE = object()
_OF_RUNS = ("the working folder", "the locale", "the mask of new files")


def surroundings() -> Undo:
    """Record everything that this module covers."""
    return _together((settings, _modules, _descriptors, _environment, _places, _warnings, _log, _handlers, _limits))


def surroundings_of_runs() -> Undo:
    """Record the little that a running node may change and that affects other runs; cheap to restore."""
    return _together((partial(settings, _OF_RUNS), _limits))


def _together(looks: Iterable[Watch]) -> Undo:
    undoes = [look() for look in looks]

    def put_back() -> list[str]:
        found: list[str] = []
        for undo in undoes:
            try:
                found += undo()
            except Exception as error:  # noqa: BLE001 - one failure must not hide the others
                found.append(f"something that cannot be put back ({type(error).__name__}: {error})")
        return found

    return put_back


def _modules() -> Undo:
    """Imported modules must stay: a second copy of a module would not know existing objects."""
    before = dict(sys.modules)

    def put_back() -> list[str]:
        found = []
        for name, module in before.items():
            if sys.modules.get(name, _GONE) is not module and not f"{name}.".startswith(f"{PARENT}."):
                sys.modules[name] = module
                found.append(f"the module {name}")
        return found

    return put_back


def _descriptors() -> Undo:
    """Standard input, output and error: duplicated, and restored."""
    copies = {}
    for number in (0, 1, 2):
        with contextlib.suppress(OSError):
            copies[number] = os.dup(number)
    which = {number: _identity(copy) for number, copy in copies.items()}

    def put_back() -> list[str]:
        found = []
        for number, copy in copies.items():
            if _identity(copy) != which[number]:
                continue  # the copy was closed, too
            if _identity(number) != which[number]:
                os.dup2(copy, number)
                found.append(f"the descriptor {number}")
            os.close(copy)
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name, None)
            if stream is not None and getattr(stream, "closed", False):
                number = 1 if name == "stdout" else 2
                setattr(sys, name, open(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False))  # noqa: SIM115
                found.append(f"sys.{name}, which it closed")
        return found

    return put_back


def _identity(number: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(number)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _environment() -> Undo:
    before = dict(os.environ)

    def put_back() -> list[str]:
        found = []
        for name, value in before.items():
            now = os.environ.get(name)
            if now == value or (now is not None and value and value in now.split(os.pathsep)):
                continue
            if now is not None and value and value in now:
                continue  # something was added before or behind it, as is usual for PATH
            os.environ[name] = value
            found.append(f"the environment variable {name}")
        return found

    return put_back


def _places() -> Undo:
    """Import paths: new entries are moved behind existing ones, so that they shadow nothing."""
    lists: tuple[list[Any], ...] = (sys.path, sys.meta_path, sys.path_hooks)
    watched = list(zip(("sys.path", "sys.meta_path", "sys.path_hooks"), lists, strict=True))
    before = [list(places) for _, places in watched]

    def put_back() -> list[str]:
        found = []
        for (name, places), old in zip(watched, before, strict=True):
            now = getattr(sys, name.removeprefix("sys."))
            new = [place for place in now if place not in old] if isinstance(now, list) else []
            if now is not places:
                setattr(sys, name.removeprefix("sys."), places)
            elif now[: len(old)] == old:
                continue
            if now is not places or [place for place in now if place in old] != old:
                found.append(name)
            places[:] = [*old, *new]
        return found

    return put_back


def _warnings() -> Undo:
    before = list(warnings.filters)

    def put_back() -> list[str]:
        now = list(warnings.filters)
        added = [item for item in now if item not in before]
        harmless = [item for item in added if item[0] != "error"]
        if len(harmless) == len(added) and [item for item in now if item in before] == before:
            return []
        warnings.filters[:] = [*harmless, *before]  # type: ignore[index]
        warnings._filters_mutated()  # type: ignore[attr-defined]
        return ["the filters of warnings"]

    return put_back


def _log() -> Undo:
    """What was logged before must still be: restores handlers, levels and propagation; allows more output."""
    watched = [
        logging.root,
        *(logging.getLogger(name) for name in list(logging.root.manager.loggerDict) if _is_ours(name)),
    ]
    before = [
        (log, list(log.handlers), log.level, log.getEffectiveLevel(), log.disabled, log.propagate) for log in watched
    ]

    def put_back() -> list[str]:
        found = []
        for log, handlers, own, level, disabled, propagate in before:
            lost = [handler for handler in handlers if handler not in log.handlers]
            log.handlers += lost
            if lost:
                found.append("the handlers of the log")
            if log.getEffectiveLevel() > level or log.disabled > disabled or log.propagate < propagate:
                log.setLevel(own)  # an inherited level stays inherited
                if log.getEffectiveLevel() > level:  # one in between is new
                    log.setLevel(level)
                log.disabled, log.propagate = disabled, propagate
                found.append("what the log shows")
        return list(dict.fromkeys(found))

    return put_back


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] == "jacquard"


def _handlers() -> Undo:
    """Signal handlers and blocked signals."""
    if threading.current_thread() is not threading.main_thread():
        return list
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ()) if hasattr(signal, "pthread_sigmask") else None

    def put_back() -> list[str]:
        found = []
        for number, old in before.items():
            if old is not None and signal.getsignal(number) is not old and signal.getsignal(number) != old:
                signal.signal(number, old)
                found.append(f"what is done on {signal.Signals(number).name}")
        if mask is not None and signal.pthread_sigmask(signal.SIG_BLOCK, ()) != mask:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            found.append("the signals that are held back")
        return found

    return put_back


def _limits() -> Undo:
    """The resource limits of the process."""
    try:
        import resource
    except ImportError:
        return list
    numbers = {getattr(resource, name): name for name in reversed(dir(resource)) if name.startswith("RLIMIT_")}
    names = sorted(numbers.values())
    before = {name: resource.getrlimit(getattr(resource, name)) for name in names}

    def put_back() -> list[str]:
        found = []
        for name, (soft, hard) in before.items():
            now_soft, now_hard = resource.getrlimit(getattr(resource, name))
            if now_soft == soft:
                continue
            if _is_less(now_soft, soft, resource.RLIM_INFINITY):
                top = hard if now_hard == hard else now_hard
                wanted = soft if not _is_less(top, soft, resource.RLIM_INFINITY) else top
                with contextlib.suppress(OSError, ValueError):
                    resource.setrlimit(getattr(resource, name), (wanted, now_hard))
                found.append(f"the limit {name}")
        return found

    return put_back


def _is_less(one: int, other: int, infinity: int) -> bool:
    return one != infinity and (other == infinity or one < other)
