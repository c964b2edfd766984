"""How much a cache may take of its disk: its budget, and less where the disk would get nearly full.

Some room is always left free, for the pictures that are to be saved and for everybody else on the disk. Where there is
less, the cache gives way: it lets values go until there is so much again, or none are left. Where nobody can tell how
much is free, only the budget counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from graph.caching.disk.filesystem import FileLayer

KEPT_FREE = 2 * 2**30
"""Bytes of a disk that stay free."""
KEPT_SHARE = 20
"""Of a small disk, one part in so many."""


@dataclass(frozen=True, slots=True)
class Space:
    """What is free of a disk, and what is to stay so."""

    free: int
    kept_free: int

    def bound(self, max_bytes: int, held: int) -> int:
        """How many bytes a cache that holds some may hold."""
        return max(0, min(max_bytes, held + self.free - self.kept_free))


def space_at(folder: Path, layer: FileLayer) -> Space | None:
    """What there is where a folder lies."""
    try:
        total, free = layer.space(folder)
    except OSError:
        return None
    return Space(free, min(KEPT_FREE, total // KEPT_SHARE))
