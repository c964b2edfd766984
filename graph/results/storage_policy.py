"""The storage policy of both cache tiers: which results are admitted, and which values are evicted first.

**Admission.** A value is *expensive* when reading it back from disk takes at most about a tenth of the time that it
took to make: a disk of 500 MB/s reads a byte in 2 ns and checking it takes 1 ns more, so at least 20 ns of work per
byte are required.

- The memory tier admits every value that fits into its budget. Items of a stream may be thousands: of these it admits
  only the values that the disk tier would store, too.
- The disk tier stores the values of calls that took 0.05 s or more and are expensive. Of calls that took 0.01 s or
  more, and of calls that made an artifact or warned, it stores the record: the call runs again only when its values are
  needed.
- Results without a content fingerprint (model handles, values with unknown parts) stay in memory.

**Eviction.** Values leave before records. The values with the lowest `eviction_score` leave first: seconds of work per
byte, times hits, plus the age at the last use. Evicting a value raises the age of its tier to the evicted score, so
that old scores fade (GreedyDual-Size-Frequency, Cherkasova 1998). Keys and records together may take an eighth of the
budget; how the tiers choose keys to drop is described there (`graph.caching.memory_cache`,
`graph.caching.disk.transaction`).

The score is defined once: `eviction_score` takes numbers, or SQL expressions and then returns SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, overload

from graph.results.result import CONTENT, Result

SECONDS_PER_BYTE = 20e-9
SECONDS_OF_VALUES = 0.05
SECONDS_OF_RECORDS = 0.01
RECORD_BYTES = 600
"""The rough size of a stored record in either tier: fingerprints, artifacts, seconds, its place in an order."""
RECORD_SHARE = 8
"""Records and keys take at most this fraction of a budget: one part in so many."""
LARGEST_SHARE = 4
"""A single value takes at most this fraction of the disk budget: one part in so many."""
REFILL = 0.9
"""Eviction on disk stops at this fraction of the budget, so that not every new result evicts again."""
_MIN_SECONDS = 1e-6
"""The least time that counts as work, so that of two values that took no time the larger one is evicted first."""


# Admission


def is_expensive(seconds: float, nbytes: int) -> bool:
    """Return whether a value took long to make for its size."""
    return seconds >= nbytes * SECONDS_PER_BYTE


def should_store_record(result: Result) -> bool:
    """Return whether the disk tier stores a result at all."""
    if result.seconds < SECONDS_OF_RECORDS and not (result.artifacts or result.warned):
        return False
    return all(each is not None and each.startswith(CONTENT) for each in result.fingerprints)


def should_store_values(seconds: float, nbytes: int) -> bool:
    """Return whether the disk tier stores the values of a result, and memory those of a stream item."""
    return seconds >= SECONDS_OF_VALUES and is_expensive(seconds, nbytes)


# Eviction


@dataclass(frozen=True, slots=True)
class Sql:
    """A numeric SQL expression."""

    text: str

    def __add__(self, other: Sql) -> Sql:
        return Sql(f"({self.text} + {other.text})")

    def __mul__(self, other: Sql) -> Sql:
        return Sql(f"({self.text} * {other.text})")

    def __truediv__(self, other: Sql) -> Sql:
        return Sql(f"({self.text} / {other.text})")

    def at_least(self, minimum: float) -> Sql:
        """Return the larger one of the expression and a number."""
        return Sql(f"max({self.text}, {float(minimum)!r})")


@overload
def eviction_score(age: float, hits: float, seconds: float, nbytes: float) -> float: ...
@overload
def eviction_score(age: Sql, hits: Sql, seconds: Sql, nbytes: Sql) -> Sql: ...
def eviction_score(age: Any, hits: Any, seconds: Any, nbytes: Any) -> Any:
    """Return the eviction score of a result's values; the lowest score is evicted first.

    `age` is the age of the tier at the last use of the values, `hits` the number of uses, `seconds` the time that they
    took to make.
    """
    return age + hits * _at_least(seconds, _MIN_SECONDS) / _at_least(nbytes, RECORD_BYTES)


def age_after(age: float, evicted_score: float) -> float:
    """Return the age of a tier after it evicted values with a score."""
    return max(age, evicted_score)


def _at_least(value: Any, minimum: float) -> Any:
    return value.at_least(minimum) if type(value) is Sql else max(value, minimum)


# The SQL for the tables of the disk index (`graph.caching.disk.index`)

READ_AGE = "SELECT amount FROM totals WHERE name = 'age'"
WRITE_AGE = "UPDATE totals SET amount = ? WHERE name = 'age'"
_SCORE = eviction_score(Sql(f"({READ_AGE})"), Sql("hits"), Sql("seconds"), Sql("bytes"))
SET_SCORE = f"UPDATE results SET worth = {_SCORE.text} WHERE id = ?"  # noqa: S608 - from the lines above
"""Scores the result with an id as used now."""
LOWEST_SCORE = "SELECT id, worth FROM results WHERE has_values ORDER BY worth LIMIT 1"
"""The next result whose values are evicted, with its score."""
