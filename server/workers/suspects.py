"""Finds the suspects when a worker dies: the runs that may have caused it.

- If the server killed the worker because a run did not stop after a cancel: that run only.
- Otherwise the runs of which a node was being called; if there is none, the runs that are not draining.

A run that is the only suspect gets a death counted, and fails after some. With two suspects the cause is unknown and
counts for neither; but each runs alone from then on, so that a next death has one cause. Other runs go back into the
queue unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActiveCall:
    """A run on the worker, and the node that was being called, if any."""

    run: str
    node: str = ""
    node_type: str = ""
    draining: bool = False


def find_suspects(active_calls: Sequence[ActiveCall], killed_for_run: str = "") -> tuple[ActiveCall, ...]:
    """Returns the suspects among the active runs; `killed_for_run` is the run that did not stop after a cancel."""
    if killed_for_run:
        return tuple(item for item in active_calls if item.run == killed_for_run)
    calling = tuple(item for item in active_calls if item.node)
    return calling or tuple(item for item in active_calls if not item.draining) or tuple(active_calls)
