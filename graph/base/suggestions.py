"""Words that help with a wrong name: the one that was meant, or some of those that there are.

Both are bounded, so that a document in which thousands of names are wrong is told about in time linear in its size, and
an error message stays one that a person reads.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from itertools import islice

MOST_COMPARED = 200
"""Among more names than this nothing is looked for: comparing takes longer than a check may."""
MOST_CHARACTERS = 200
"""Longer names are compared with nothing."""
MOST_LISTED = 12


def did_you_mean(name: str, known: Collection[str]) -> str:
    """'did you mean ...?', or '' when nothing is like it."""
    if len(known) > MOST_COMPARED or len(name) > MOST_CHARACTERS:
        return ""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else ""


def closest(name: str, known: Collection[str]) -> str:
    """The name that is most like `name`; '' when none is."""
    if len(name) > MOST_CHARACTERS:
        return ""
    return next(iter(difflib.get_close_matches(name, list(islice(known, 10 * MOST_COMPARED)), n=1, cutoff=0.6)), "")


def listed(names: Collection[str], show: Callable[[str], str] = str) -> str:
    """Some names in a row, as `show` writes them, and how many more there are; '' for none."""
    more = f" and {len(names) - MOST_LISTED:,} more" if len(names) > MOST_LISTED else ""
    return ", ".join(map(show, islice(names, MOST_LISTED))) + more
