"""A disk that counts what is done to it, and fails or takes the whole process down at a step of the test's choice."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graph.caching.disk.filesystem import FileLayer

STEPS = ("create", "write", "sync", "rename", "remove", "sync_folder", "sql")


def full(step: str) -> None:
    """The disk is full."""
    if step == "sql":
        raise sqlite3.OperationalError("database or disk is full")
    raise OSError(errno.ENOSPC, "No space left on device")


def kill(step: str) -> None:
    """Nothing of this process lives on, and nothing of it is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


class FailingDisk(FileLayer):
    """The real disk, until a step is done for the `number`th time; from there on (or only there, if `once`) it fails.

    `step` is one of STEPS, or "any". A write that fails has written half of its bytes.
    """

    def __init__(
        self, step: str = "none", number: int = 0, fail: Callable[[str], None] = full, *, once: bool = False
    ) -> None:
        self.step = step
        self.number = number
        self.fail = fail
        self.once = once
        self.done = dict.fromkeys((*STEPS, "any"), 0)

    def _count(self, step: str, half: Callable[[], Any] | None = None) -> None:
        for name in (step, "any"):
            self.done[name] += 1
        if self.step not in (step, "any"):
            return
        now = self.done[self.step]
        if now == self.number or (now > self.number and not self.once):
            if half is not None:
                half()
            self.fail(step)

    def create(self, path: Path) -> int:
        self._count("create")
        return super().create(path)

    def write(self, descriptor: int, data: memoryview) -> None:
        self._count("write", lambda: os.write(descriptor, data.cast("B")[: data.nbytes // 2]))
        super().write(descriptor, data)

    def sync(self, path: Path) -> None:
        self._count("sync")
        super().sync(path)

    def rename(self, source: Path, target: Path) -> None:
        self._count("rename")
        super().rename(source, target)

    def remove(self, path: Path) -> None:
        self._count("remove")
        super().remove(path)

    def sync_folder(self, path: Path) -> None:
        self._count("sync_folder")
        super().sync_folder(path)

    def connect(self, path: Path) -> sqlite3.Connection:
        count = self._count

        class Connection(sqlite3.Connection):
            def execute(self, *arguments: Any) -> sqlite3.Cursor:
                count("sql")
                return super().execute(*arguments)

        return sqlite3.connect(
            path, timeout=20, isolation_level=None, check_same_thread=False, factory=Connection
        )  # fmt: skip
