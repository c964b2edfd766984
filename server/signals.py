"""Signals: a part publishes what happens to it, and does not know who listens. Calls are synchronous and in order.

For parts of the server among themselves; what clients are sent goes through `server.hub`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Signal(Generic[P]):
    """One kind of event. Whoever needs it connects, usually in its constructor; the publisher emits."""

    def __init__(self) -> None:
        self._receivers: list[Callable[P, object]] = []

    def connect(self, receiver: Callable[P, object]) -> None:
        """Call `receiver` at each event from now on, after those that are connected already."""
        self._receivers.append(receiver)

    def emit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Publish an event. An error of a receiver is raised here, and later receivers are not called."""
        for receiver in self._receivers:
            receiver(*args, **kwargs)
