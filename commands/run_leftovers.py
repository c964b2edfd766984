"""What a run left behind in the worker that would spoil those after it: put back, or another worker is asked for.

Looked at once after each run, so it has to be cheap. Memory is not looked at, nor threads: without these the worker
dies by itself, and is replaced.
"""

from __future__ import annotations

import os

from graph.packs.process_state import surroundings_of_runs

_SPARE = 16
"""So many files a run can open at least."""


class RunLeftovers:
    """Made before the first run."""

    def __init__(self) -> None:
        self._put_back = surroundings_of_runs()

    def clean_up(self) -> str:
        """Put back what can be; returns why this worker is of no use any more, or nothing."""
        if self._put_back() and (changed := self._put_back()):
            return f"a node changed {', '.join(changed)}"
        opened: list[int] = []
        try:
            opened.append(os.open(os.devnull, os.O_RDONLY))
            for _ in range(_SPARE):
                opened.append(os.dup(opened[0]))
        except OSError as error:
            return f"nodes left so many files open that no more can be opened ({error.strerror})"
        finally:
            for descriptor in opened:
                os.close(descriptor)
        return ""
