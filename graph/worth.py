"""What is worth its bytes: how dear a value must have been to make, for its size, so that it is kept.

A value is *dear* when reading it back from a disk would take at most about a tenth of making it again: a disk of 500
MB/s reads a byte in 2 ns, checking it takes 1 ns, so 20 ns a byte or more are wanted. What only takes part in a stream
of thousands is kept in memory only when it is dear; what is kept on disk must be dear and have taken a while.
"""

from __future__ import annotations

SECONDS_PER_BYTE = 20e-9


def is_dear(seconds: float, nbytes: int) -> bool:
    """Whether values of this size that took so long to make are worth their bytes."""
    return seconds >= nbytes * SECONDS_PER_BYTE
