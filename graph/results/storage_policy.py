"""What is worth its bytes: how dear a value must have been to make, for its size, so that it is kept.

- A value is *dear* when reading it back from a disk would take at most about a tenth of making it again: a disk of 500
  MB/s reads a byte in 2 ns, checking it takes 1 ns more, so 20 ns of work a byte or more are wanted.
- On disk go the values of calls that took 0.05 s or more and are dear; of the items of a stream, which may be
  thousands, only these stay in memory, too. Of calls that took 0.01 s, and of those that made something to look at or
  warned of something, the record alone goes there: the call need not be made again unless its value is needed.
- What has no content mark (model handles, and all that holds something unknown) stays in memory.
"""

from __future__ import annotations

from graph.results.result import CONTENT, Result

SECONDS_PER_BYTE = 20e-9
SECONDS_OF_VALUES = 0.05
SECONDS_OF_RECORDS = 0.01


def is_expensive(seconds: float, nbytes: int) -> bool:
    """Whether values of this size that took so long to make are worth their bytes."""
    return seconds >= nbytes * SECONDS_PER_BYTE


def should_store_record(result: Result) -> bool:
    """Whether a result may go to disk at all, and it is worth a record there."""
    if result.seconds < SECONDS_OF_RECORDS and not (result.artifacts or result.warned):
        return False
    return all(fingerprint is not None and fingerprint.startswith(CONTENT) for fingerprint in result.fingerprints)


def should_store_values(seconds: float, nbytes: int) -> bool:
    """Whether values should go to disk, too."""
    return seconds >= SECONDS_OF_VALUES and is_expensive(seconds, nbytes)
