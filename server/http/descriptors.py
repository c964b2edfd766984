"""File descriptors: raises the limit of this process, and computes how many of them connections may use.

Enough are reserved for the database, open files and the pipes of a worker, so that a worker can be replaced however
many connections there are.
"""

from __future__ import annotations

import contextlib

KEPT_BACK = 64
WANTED = 4_096
_FOR_EACH = 2
"""One for the connection, and one for a file that is sent or received over it."""


def raise_limit() -> int:
    """Raises the limit of this process as far as is useful and allowed; returns the limit."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
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
    """Returns the largest number of connections: `most`, or less if the process may have few descriptors."""
    return max(8, min(most, (limit - KEPT_BACK) // _FOR_EACH))
