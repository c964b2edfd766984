"""What becomes of a run when one of its tasks waits, is done or stops: tasks that start, are skipped, or go on.

All of this is called inside `with schedule:`, by the driver; nothing in here takes a lock of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graph.planning import call_stages as stages
from graph.planning.plan import Demand, Planner, Source, cause_of
from graph.planning.tasks import CallTask, Frame
from graph.running.failures import Failures
from graph.running.run_log import RunLog
from graph.running.single_flight import Leads
from graph.running.streams import StreamRunner
from graph.scheduling.drain import Drain
from graph.scheduling.lanes import State
from graph.scheduling.scheduler import Schedule


class Changes:
    """Changes the tasks of one run."""

    def __init__(
        self, schedule: Schedule, planner: Planner, streams: StreamRunner, leads: Leads, log: RunLog,
        failures: Failures, drain: Drain,
    ) -> None:  # fmt: skip
        self._schedule = schedule
        self._planner = planner
        self._streams = streams
        self._leads = leads
        self._log = log
        self._failures = failures
        self._drain = drain

    def begin(self, demand: Demand) -> None:
        """Start what is ready, and stop what cannot run."""
        self._drain.add(demand.to_run)
        self._schedule.start([task for task in demand.ready if task not in demand.unrunnable])
        for task in demand.unrunnable:
            if task.state is State.WAITING:
                because, depth = self._planner.stopped_by(task)
                self.stop(task, because, depth, is_reported=False)

    def wait(self, task: CallTask, sources: Iterable[Source], demand: Demand) -> None:
        """A call goes on when some more is there, which is begun with."""
        self.begin(demand)
        if not self._schedule.wait(task, sources):
            because, depth = cause_of(next(source for source in sources if source.state is State.STOPPED))
            self._log.skipped(task, because)
            self.stop(task, because, depth, is_reported=True)
            self._schedule.leave()

    def stop(self, task: Source, because: str, depth: int, *, is_reported: bool) -> None:
        """Stop a task and all that need it."""
        skipped: list[Any] = self._schedule.stop(task)  # calls and streams
        for each in (task, *skipped):
            reported = is_reported and each is task
            item = each.frame.item
            if item is not None:
                item.depth = min(item.depth, depth) if item.broken else depth
                item.broken = item.broken or because
            if isinstance(each, CallTask):
                self._stop_call(each, because, depth, is_reported=reported)
            elif not reported:
                each.broken = each.broken or because
                each.depth = min(each.depth, depth)
                if not each.frame.path:
                    self._log.stream_ended(each.group.order, because)
            self._planner.release(each)
            self._drain.done(each)
            self.close(each.frame)

    def _stop_call(self, task: CallTask, because: str, depth: int, *, is_reported: bool) -> None:
        stage = stages.Stopped(because, depth)
        stages.check_transition(task.stage, stage)
        task.stage = stage
        has_failed = task in self._planner.instances and self._failures.inherit(task, because)
        if not has_failed and not is_reported:
            self._log.skipped(task, because)
        self._leads.publish(task, None)

    def close(self, frame: Frame) -> None:
        """Something of a frame is not under way any more; an item of which nothing is has got through."""
        frame.open -= 1
        stream = frame.stream
        if frame.open > 0 or stream is None:
            return
        if frame.broken and (frame.depth < len(frame.path) or not stream.keep_going):
            stream.over, stream.broken = True, stream.broken or frame.broken
            stream.depth = min(stream.depth, frame.depth)
        elif lost := self._streams.collect(stream, frame):
            for task in lost:
                self._planner.take_up_again(task)
            self.begin(self._planner.demand(lost))
            return
        self._planner.forget(frame)
        del self._planner.items[stream][frame.path[-1]]
        stream.under_way -= 1
        if stream.parked and (not stream.under_way or not stream.over):
            stream.parked = False
            self._schedule.resume(stream)

    def let_go(self, task: Source) -> None:
        """A task is done: what it read is no longer held for it, and its own values only for its readers."""
        if task.holding:
            self._planner.release(task)
        if task.refs == 0:
            task.let_go()
        if task.frame.stream is None:
            task.frame.open -= 1
        else:
            self.close(task.frame)
