"""What is tidied away at the start: pictures that were only looked at, a week after they were made."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

KEPT_SECONDS = 7 * 24 * 3600


def tidy_temporary(folder: Path, now: float | None = None) -> int:
    """Remove files of the temp folder that nobody wrote for a week; returns how many. Links are not followed."""
    oldest = (time.time() if now is None else now) - KEPT_SECONDS
    removed = 0
    for path in sorted(folder.rglob("*"), reverse=True) if folder.is_dir() and not folder.is_symlink() else []:
        with contextlib.suppress(OSError):
            if path.is_file() and not path.is_symlink() and path.stat().st_mtime < oldest:
                path.unlink()
                removed += 1
    return removed
