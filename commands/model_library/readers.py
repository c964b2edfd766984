"""How many files are looked at at once: in threads, because a share is waited for, and very many in processes.

Parsing headers takes a core to itself; in processes of their own all cores help, and the server goes on answering.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Self, TypeVar

THREADS = 8
MOST_PROCESSES = 8
MANY = 2_000
"""From so many files on, processes are quicker than they take to start."""
_FEW = 32
_CHUNK = 8
Found = TypeVar("Found")
_LOG = logging.getLogger("jacquard.models")


def each(function: Callable[[Path], Found], paths: Sequence[Path]) -> list[Found]:
    """Returns what a quick function gives for each path; for many, in threads."""
    if len(paths) <= _FEW:
        return list(map(function, paths))
    chunks = [paths[start : start + _FEW] for start in range(0, len(paths), _FEW)]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="jacquard-models") as pool:
        return [item for chunk in pool.map(lambda chunk: list(map(function, chunk)), chunks) for item in chunk]


class Readers:
    """Reads headers of `number` files, in as many processes as there are cores if these are many."""

    def __init__(self, number: int) -> None:
        self._pool: Executor | None = None
        if number >= MANY and (cores := os.cpu_count() or 1) > 1:
            spawn = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
            self._pool = ProcessPoolExecutor(
                min(cores, MOST_PROCESSES), mp_context=spawn, initializer=_ignore_interrupts
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def read(self, recognise: Callable[[Path], Found], paths: Sequence[Path]) -> list[Found]:
        """Returns what a function gives for each path."""
        if self._pool is not None:
            try:
                return list(self._pool.map(recognise, paths, chunksize=_CHUNK))
            except (BrokenProcessPool, OSError) as error:
                _LOG.warning("headers are read here, because the processes for that ended: %s", error)
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = None
        return each(recognise, paths)


def _ignore_interrupts() -> None:
    """Ignores Ctrl+C, which reaches all processes of a terminal: who reads decides when the processes end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
