"""File descriptors: how many this process may have, and how many of them connections may take.

Kept back are enough for the database, for files that are being read and written, and for the pipes of a worker: one
that dies can be replaced however many connections there are.
"""

from __future__ import annotations

import contextlib

KEPT_BACK = 64
WANTED = 4_096
_FOR_EACH = 2
"""A connection is one, and a file that is sent or received over it another."""


def raise_limit() -> int:
    """Raise this process's limit as far as is useful and allowed; returns what it is now."""
    try:
        import resource
    except ImportError:  # Windows: the limit is far away
        return WANTED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < WANTED:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(
                resource.RLIMIT_NOFILE, (WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard), hard)
            )
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return WANTED if soft == resource.RLIM_INFINITY else soft


def most_connections(limit: int, most: int) -> int:
    """How many connections there may be: `most`, or fewer where the process may have few descriptors."""
    return max(8, min(most, (limit - KEPT_BACK) // _FOR_EACH))
