"""One line of progress at a time, to standard output, at once."""

from __future__ import annotations

import sys


def log(line: str) -> None:
    """Write the line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
