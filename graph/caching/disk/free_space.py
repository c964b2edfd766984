"""How much of its disk a cache may use: its budget, and less where the disk gets nearly full.

Some space always stays free, for pictures and for everybody else on the disk. If less is free, the cache evicts values
until enough is free or none are left. Where the free space is unknown, only the budget counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from graph.caching.disk.filesystem import FileLayer

KEPT_FREE = 2 * 2**30
"""Bytes of a disk that stay free."""
KEPT_SHARE = 20
"""Of a small disk, this fraction stays free: one part in so many."""


@dataclass(frozen=True, slots=True)
class Space:
    """The free space of a disk, and the part of it that is to stay free."""

    free: int
    kept_free: int

    def bound(self, max_bytes: int, held: int) -> int:
        """Return how many bytes a cache may hold that holds `held` now."""
        return max(0, min(max_bytes, held + self.free - self.kept_free))


def space_at(folder: Path, layer: FileLayer) -> Space | None:
    """Return the space on the disk of a folder, or None."""
    try:
        total, free = layer.space(folder)
    except OSError:
        return None
    return Space(free, min(KEPT_FREE, total // KEPT_SHARE))
