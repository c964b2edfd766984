"""Running out of memory, said in words that help: before a large value is made, and when a device refuses.

A system that lends more memory than it has ends a program that uses it, with everything that the program remembers.
So what is about to make a large value asks first.
"""

from __future__ import annotations

import math
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SMALL_BYTES = 64 * 2**20
"""Bytes that are not worth a look at how many are left."""
_FLOAT = 4
CONTROL_GROUP = Path("/sys/fs/cgroup")
MEMORY_INFO = Path("/proc/meminfo")


@contextmanager
def enough_memory(task: str, remedy: str) -> Iterator[None]:
    """Turns torch's out-of-memory error into a DiffusionError with a remedy."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise DiffusionError(f"There was not enough memory for {task}.", remedy=remedy) from error


def check_room(what: str, shape: Sequence[float], *, remedy: str, input: str | None = None) -> None:  # noqa: A002
    """Raises DiffusionError when float32 values of this shape are more than the memory that is left, with both sizes.

    `what` begins the sentence: "4096 pictures of 512 x 512 pixels". Where the system does not say how much is left,
    nothing is refused.
    """
    size = math.prod(shape) * _FLOAT
    if size <= SMALL_BYTES:
        return
    left = memory_left()
    if left is not None and size > left:
        raise DiffusionError(
            f"{what} would take {_readable(size)} of memory; {_readable(left)} are left.", remedy=remedy, input=input
        )


def memory_left() -> int | None:
    """Bytes that this process can still get without making the system end a program; None where nobody says."""
    known = [left for left in (_left_on_linux(), _left_in_group(), _left_on_windows()) if left is not None]
    return max(0, min(known)) if known else None


def _left_on_linux() -> int | None:
    try:
        lines = MEMORY_INFO.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    found = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    parts = [found.get(name) for name in ("MemAvailable", "SwapFree")]
    return sum(int(part[0]) * 1024 for part in parts if part) if parts[0] else None


def _left_in_group() -> int | None:
    """Of a container with a limit of its own."""
    try:
        most = (CONTROL_GROUP / "memory.max").read_text("ascii").strip()
        used = int((CONTROL_GROUP / "memory.current").read_text("ascii"))
        # Files that are only remembered by the system are given back when somebody needs the room.
        facts = dict(line.split() for line in (CONTROL_GROUP / "memory.stat").read_text("ascii").splitlines())
    except (OSError, ValueError):
        return None
    return None if most == "max" else int(most) - used + int(facts.get("inactive_file", 0))


def _left_on_windows() -> int | None:
    if os.name != "nt":
        return None
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = [
            ("length", ctypes.c_ulong), ("load", ctypes.c_ulong), *((name, ctypes.c_ulonglong) for name in (
                "total", "left", "total_with_swap", "left_with_swap", "total_address", "left_address", "extended"
            )),
        ]  # fmt: skip

    status = Status(length=ctypes.sizeof(Status))
    known = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return int(status.left_with_swap) if known else None


def _readable(size: float) -> str:
    return f"{size / 2**30:,.1f} GiB" if size >= 2**30 else f"{size / 2**20:,.0f} MiB"
