"""Side effects in the order of items: what a node does for good waits for its turn.

The items of a stream, and the turns of a loop, are worked on side by side and are done in any order. A node that
numbers its files does all else first, and writes them in `NodeContext.in_turn`: once each item before its own has been
through the node, or never will. A call that waits for its turn is on no thread and leads no equal call. So runs never
wait for each other's order, and when the turn comes it is looked once more whether another one has done the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from graph.building.stream_groups import StreamGroup
from graph.planning.plan import Source
from graph.planning.tasks import CallTask, Frame
from graph.results.result import Key, RequestedInputs, Result
from graph.running.call_keys import CallInputs, CallKeys
from graph.running.crew import Crew
from graph.scheduling.lanes import State


@dataclass(frozen=True, slots=True)
class Due:
    """A call that returned, and what is left to be done in its turn."""

    values: tuple[Any, ...]
    arrival: CallInputs
    seconds: float
    leads: tuple[Key, ...]
    """What equal calls are told apart by."""


class Hands(Protocol):
    """What is done with a cell whose turn has come."""

    def finish(self, cell: CallTask, values: tuple[Any, ...], arrival: CallInputs, seconds: float) -> None:
        """It has its outputs."""

    def reuse_if_usable(self, cell: CallTask, found: Result | RequestedInputs | None, how: str) -> bool:
        """Whether a remembered result is the cell's own now."""


class OrderedEffects:
    """Has side effects in order."""

    def __init__(self, crew: Crew, identity: CallKeys, hands: Hands) -> None:
        self.crew = crew
        self.identity = identity
        self.hands = hands

    def come_up(self, cell: CallTask, values: tuple[Any, ...], arrival: CallInputs, seconds: float) -> None:
        """A call returned that has something to do in its turn: do so, or wait for it."""
        due = Due(values, arrival, seconds, cell.leads)
        if not self._has_to_wait(cell, due):
            self._act(cell, due)

    def go_on(self, cell: CallTask, due: Due) -> None:
        """What was ahead of a cell has ended."""
        crew = self.crew
        if self._has_to_wait(cell, due):
            return
        for key in due.leads:
            if not crew.lead(cell, key):
                return
        cell.more().due = None
        for key in self.identity.keys_of(cell, due.arrival) if cell.more().expected is None else ():
            if self.hands.reuse_if_usable(cell, crew.cache.find(key), "equal node"):
                return
        self._act(cell, due)

    def _has_to_wait(self, cell: CallTask, due: Due) -> bool:
        crew = self.crew
        with crew.schedule.lock:
            ahead = _ahead_of(cell)
            if ahead is None:
                return False
            cell.more().due = due
            crew.land(cell, None)
            crew.schedule.wait_turn(cell, ahead)
            return True

    def _act(self, cell: CallTask, due: Due) -> None:
        began = time.perf_counter()
        for act in due.arrival.acts:
            act()
        self.hands.finish(cell, due.values, due.arrival, due.seconds + time.perf_counter() - began)


def _ahead_of(cell: CallTask) -> Source | None:
    """The nearest that does the same before a cell and is under way; that one waits for those before it in its turn.

    Holds the lock of the schedule.
    """
    frame: Frame = cell.frame
    wanted: CallTask | StreamGroup = cell
    while True:
        stream, owner = frame.stream, frame.owner
        if stream is not None:
            number = frame.path[-1]
            earlier = (other for index, other in reversed(stream.frames.items()) if index < number)
            found = _first_under_way(task for other in earlier for task in _stand_ins(other, wanted))
            frame, wanted = stream.frame, stream.group
        elif owner is not None:
            tasks = (
                frame.region.rows.before((wanted.id, *wanted.also), frame.cells) if isinstance(wanted, CallTask) else ()
            )
            found = _first_under_way(tasks)
            frame, wanted = owner.frame, owner
        else:
            return None
        if found is not None:
            return found


def _stand_ins(frame: Frame, wanted: CallTask | StreamGroup) -> Iterable[Source]:
    if isinstance(wanted, StreamGroup):
        return frame.streams.get(wanted, ())
    cell = frame.cells.get(wanted.id)
    return () if cell is None else (cell,)


def _first_under_way(tasks: Iterable[Source]) -> Source | None:
    return next((task for task in tasks if State.IDLE < task.state < State.DONE and not _follows(task)), None)


def _follows(task: Source) -> bool:
    """Whether it waits for an equal call, perhaps for the one that asks: then it has nothing of its own to do."""
    return isinstance(task, CallTask) and task.extra is not None and task.extra.follows
