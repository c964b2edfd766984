"""Renames damaged files to a name with the time. They are never deleted: somebody may repair them."""

from __future__ import annotations

import time
from pathlib import Path


def set_aside(path: Path, why: str = "damaged") -> Path:
    """Renames a file or folder, such as to `token.damaged-2026-11-30-204500`; returns the path. Raises `OSError`."""
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    for number in range(100):
        name = f"{path.name}.{why}-{stamp}" + (f"-{number}" if number else "")
        to = path.with_name(name)
        if not to.exists() and not to.is_symlink():
            return path.rename(to)
    raise FileExistsError(f"{path.name} cannot be set aside: there are too many like it")
