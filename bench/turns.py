"""Timing two things in turns, so that whatever else the machine does falls on both. Not a benchmark itself."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence


def take_turns(
    first: Callable[[], None], second: Callable[[], None], *, rounds: int
) -> tuple[list[float], list[float]]:
    """Seconds of two functions that are called one after the other, in turn first and second; one round more warms
    up."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        both = ((first, times[0]), (second, times[1]))
        for work, found in both if number % 2 else reversed(both):
            started = time.perf_counter()
            work()
            if number:
                found.append(time.perf_counter() - started)
    return times


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of pairs."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
