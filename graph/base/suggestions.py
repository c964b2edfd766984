"""The closest known name for a wrong one, and lists of known names for messages.

Both are bounded: a document with thousands of wrong names is checked in linear time, and messages stay readable.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from itertools import islice

MOST_COMPARED = 200
"""With more known names than this, no suggestion is searched: comparing takes longer than a check may."""
MOST_CHARACTERS = 200
"""Longer names get no suggestion."""
MOST_LISTED = 12


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return 'did you mean ...?' with the closest known name, or '' when none is close."""
    if len(known) > MOST_COMPARED or len(name) > MOST_CHARACTERS:
        return ""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else ""


def closest(name: str, known: Collection[str]) -> str:
    """Return the known name closest to `name`, or '' when none is close."""
    if len(name) > MOST_CHARACTERS:
        return ""
    return next(iter(difflib.get_close_matches(name, list(islice(known, 10 * MOST_COMPARED)), n=1, cutoff=0.6)), "")


def listed(names: Collection[str], show: Callable[[str], str] = str) -> str:
    """List some of the names, each formatted by `show`, and the number of further ones; '' for none."""
    more = f" and {len(names) - MOST_LISTED:,} more" if len(names) > MOST_LISTED else ""
    return ", ".join(map(show, islice(names, MOST_LISTED))) + more
