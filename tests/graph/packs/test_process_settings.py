"""Settings of the process that a pack changed are set again and named; each by itself, and only those that changed."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph.packs.process_settings import settings

CHANGES: dict[str, Callable[[Path], object]] = {
    "sys.stdout": lambda _: setattr(sys, "stdout", sys.stderr),
    "sys.argv": lambda _: setattr(sys, "argv", ["other"]),
    "os.environ": lambda _: setattr(os, "environ", {}),
    "the working folder": lambda folder: os.chdir(folder),
    "the limit of recursion": lambda _: sys.setrecursionlimit(sys.getrecursionlimit() + 1),
    "the switching of threads": lambda _: sys.setswitchinterval(0.25),
    "the limit of digits": lambda _: sys.set_int_max_str_digits(10_000),
    "sys.setprofile": lambda _: sys.setprofile(lambda *_: None),
    "threading.settrace": lambda _: threading.settrace(lambda *_: None),
    "the stacks of threads": lambda _: threading.stack_size(2**20),
    "the callbacks of the garbage collector": lambda _: gc.callbacks.append(lambda *_: None),
    "the thresholds of the garbage collector": lambda _: gc.set_threshold(9, 9, 9),
    "the garbage collector": lambda _: gc.disable() if gc.isenabled() else gc.enable(),
    "logging.disable": lambda _: logging.disable(logging.ERROR),
    "the mask of new files": lambda _: os.umask(0o027),
    "the event loops of asyncio": lambda _: asyncio.set_event_loop_policy(Policy()),
}
if hasattr(signal, "ITIMER_PROF"):
    CHANGES["a timer"] = lambda _: signal.setitimer(signal.ITIMER_PROF, 1_000.0)


class Policy(asyncio.DefaultEventLoopPolicy):
    """A policy that a pack brings."""


@pytest.fixture
def put_back() -> Iterator[Callable[[], list[str]]]:
    found = settings()
    yield found
    found()


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_is_set_again_and_named(put_back: Callable[[], list[str]], name: str, tmp_path: Path) -> None:
    CHANGES[name](tmp_path)
    assert put_back() == [name]
    assert put_back() == []


def test_only_some_may_be_looked_at(put_back: Callable[[], list[str]], tmp_path: Path) -> None:
    only = settings(["sys.argv"])
    for name in ("sys.argv", "the limit of digits"):
        CHANGES[name](tmp_path)
    assert only() == ["sys.argv"]
    assert put_back() == ["the limit of digits"]


def test_an_equal_value_is_no_change(put_back: Callable[[], list[str]]) -> None:
    sys.argv = list(sys.argv)
    gc.set_threshold(*gc.get_threshold())
    assert put_back() == []


def test_the_start_method_that_a_library_settles_for_by_asking_for_a_lock_is_no_change(
    put_back: Callable[[], list[str]],
) -> None:
    import multiprocessing

    multiprocessing.RLock()
    assert put_back() == []


def test_where_something_cannot_be_read_it_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> str:
        raise FileNotFoundError("the working folder is gone")

    monkeypatch.setattr(os, "getcwd", gone)
    assert settings(["the working folder"])() == []
