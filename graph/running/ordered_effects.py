"""Side effects in the order of items: what a node does for good waits for its turn.

The items of a stream, and the turns of a loop, are worked on side by side and are done in any order. A node that
numbers its files does all else first, and writes them in `NodeContext.in_turn`: once each item before its own has been
through the node, or never will. A call that waits for its turn is on no thread and leads no equal call. So runs never
wait for each other's order. When its turn comes, the cache is checked again: an equal call may have finished meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable

from graph.building.stream_groups import StreamGroup
from graph.planning.call_stages import WaitsForEqual
from graph.planning.plan import Planner, Source
from graph.planning.tasks import CallTask, Frame
from graph.scheduling.lanes import State


def find_ahead(planner: Planner, task: CallTask) -> Source | None:
    """The nearest task that does the same before a call and is under way; that one waits for those before it."""
    frame: Frame = task.frame
    wanted: CallTask | StreamGroup = task
    while True:
        stream, owner = frame.stream, frame.owner
        if stream is not None:
            number = frame.path[-1]
            earlier = (other for index, other in reversed(planner.items[stream].items()) if index < number)
            found = _first_under_way(each for other in earlier for each in _counterparts(planner, other, wanted))
            frame, wanted = stream.frame, stream.group
        elif owner is not None:
            before: Iterable[Source] = ()
            if isinstance(wanted, CallTask):
                calls = planner.tasks[frame].calls
                before = frame.region.loop_order.before((wanted.id, *wanted.also), calls)
            found = _first_under_way(before)
            frame, wanted = owner.frame, owner
        else:
            return None
        if found is not None:
            return found


def _counterparts(planner: Planner, frame: Frame, wanted: CallTask | StreamGroup) -> Iterable[Source]:
    tasks = planner.tasks[frame]
    if isinstance(wanted, StreamGroup):
        return tasks.streams.get(wanted, ())
    task = tasks.calls.get(wanted.id)
    return () if task is None else (task,)


def _first_under_way(tasks: Iterable[Source]) -> Source | None:
    return next((task for task in tasks if State.IDLE < task.state < State.DONE and not _waits_for_equal(task)), None)


def _waits_for_equal(task: Source) -> bool:
    """Whether it waits for an equal call, perhaps for the one that asks: then it has no effects of its own."""
    return isinstance(task, CallTask) and type(task.stage) is WaitsForEqual
