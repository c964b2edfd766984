"""Who is to blame when a worker dies: the runs whose death it was, as far as anybody can tell.

- A worker that the server ended itself, because a run did not stop when it was asked to: that run, and no other.
- Otherwise the runs of which a node was being called; where none was, the runs that had more to do than to save.

A run that is the only one to blame has cost a worker, and after some it has failed. Where two are, nobody knows, so it
counts for neither; but both are done alone from then on, and a next death has one cause. What is not to blame goes
back into the queue as if nothing had happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActiveCall:
    """A run that a worker was doing, and the node that it was calling, if any."""

    run: str
    node: str = ""
    node_type: str = ""
    draining: bool = False


def find_suspects(active_calls: Sequence[ActiveCall], killed_for_run: str = "") -> tuple[ActiveCall, ...]:
    """The runs to blame among those at work; `killed_for` is the run that did not stop when it was asked to."""
    if killed_for_run:
        return tuple(item for item in active_calls if item.run == killed_for_run)
    calling = tuple(item for item in active_calls if item.node)
    return calling or tuple(item for item in active_calls if not item.draining) or tuple(active_calls)
