"""Hands the events of a run to its listener: one at a time, numbered from 1. Knows nothing of what they say.

A listener that raises ends the run with its error.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from graph.running import events

Listener = Callable[[events.Event], None]


class Publisher:
    """Publishes the events of one run. Safe from any thread."""

    def __init__(self, run_id: str, listener: Listener | None, abort: Callable[[BaseException], None]) -> None:
        self.lock = threading.RLock()
        """Taken while an event is published; by whoever publishes several that belong together."""
        self._run_id = run_id
        self._listener = listener
        self._abort = abort
        self._number = 0

    def publish(self, kind: Callable[..., events.Event], *facts: object) -> None:
        """Make an event of the next number, and hand it to the listener."""
        with self.lock:
            listener = self._listener
            if listener is None:
                return
            self._number += 1
            try:
                listener(kind(self._run_id, self._number, *facts))
            except BaseException as error:  # noqa: BLE001 - it is the caller's, and no fault of the node at work
                self._listener = None
                self._abort(error)

    def close(self) -> None:
        """The run is over: whatever a node says from now on, through a thread that it left behind, is dropped."""
        with self.lock:
            self._listener = None
