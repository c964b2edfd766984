"""Reverts changes of a run to the worker process that would affect later runs, or asks for a new worker.

Checked after each run, so it must be cheap. Memory and threads are not checked: a worker without these dies and is
replaced.
"""

from __future__ import annotations

import os

from graph.packs.process_state import surroundings_of_runs

_SPARE = 16
"""How many files a run must be able to open."""


class RunLeftovers:
    """Records the state of the process; create it before the first run."""

    def __init__(self) -> None:
        self._put_back = surroundings_of_runs()

    def clean_up(self) -> str:
        """Reverts changes; returns why the worker has to be replaced, or an empty text."""
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
