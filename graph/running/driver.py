"""Performs the tasks of a run: takes the step of a call or a stream, and enters the stage that it returned.

This is the one owner of the run's lock: what several tasks share is changed here, `with schedule:`, and nowhere else.
"""

from __future__ import annotations

from asyncio import Task as BodyTask
from collections.abc import Callable
from functools import partial
from typing import Any

from graph.node_types.context import CancelledError, CancelToken
from graph.node_types.flow import BLOCK
from graph.planning import call_stages as stages
from graph.planning.plan import Demand, Planner, Source
from graph.planning.tasks import CallTask, Frame, Stream
from graph.results.result import Result
from graph.running.changes import Changes
from graph.running.evaluation import STEPS, CallSteps
from graph.running.failures import Failures
from graph.running.ordered_effects import find_ahead
from graph.running.run_log import RunLog
from graph.running.single_flight import Leads
from graph.running.streams import StreamRunner
from graph.scheduling.drain import Drain
from graph.scheduling.lanes import State
from graph.scheduling.scheduler import Schedule


class Driver:
    """Drives the tasks of one run to their end."""

    def __init__(
        self, schedule: Schedule, planner: Planner, calls: CallSteps, streams: StreamRunner, leads: Leads, log: RunLog,
        failures: Failures, drain: Drain, token: CancelToken,
    ) -> None:  # fmt: skip
        self._changes = Changes(schedule, planner, streams, leads, log, failures, drain)
        self._schedule = schedule
        self._planner = planner
        self._calls = calls
        self._streams = streams
        self._leads = leads
        self._log = log
        self._failures = failures
        self._drain = drain
        self._token = token

    def run(self, demand: Demand) -> None:
        """Do everything that is demanded, and what follows from it."""
        with self._schedule:
            self._changes.begin(demand)
        try:
            self._schedule.run(self.perform)
        finally:
            self._streams.close()
            self._leads.give_up()

    def perform(self, task: Source) -> None:
        """Bring a task as far as possible: to its end, or to where it has to wait for something else."""
        if isinstance(task, CallTask):
            self.perform_call(task)
        else:
            self.perform_stream(task)

    def perform_call(self, task: CallTask) -> None:
        """Go from stage to stage until a call has ended or has to wait."""
        calls, stage = self._calls, task.stage
        try:
            while True:
                following = STEPS[type(stage)](calls, task, stage)
                if type(following) not in stages.TRANSITIONS[type(stage)]:
                    stages.refuse(stage, following)
                task.stage = stage = following
                enter = _ENTER.get(type(stage))
                if enter is not None and not enter(self, task, stage):
                    return
        except BaseException as error:  # noqa: BLE001 - whatever a node raises ends that node only, sys.exit() too
            self._failures.report(task, error)
            self._stop(task, task.id)

    # Going on at once

    def _calls_now(self, task: CallTask, _: stages.Calls) -> bool:
        if task.call.edges and not task.call.type.lazies:
            with self._schedule.lock:
                self._planner.release(task)
        return True

    def _effects_due(self, task: CallTask, stage: stages.EffectsDue) -> bool:
        with self._schedule:
            ahead = find_ahead(self._planner, task)
            if ahead is None:
                return True
            self._leads.publish(task, None)
            waits = stages.WaitsForTurn(stage._replace(has_waited=True))
            stages.check_transition(stage, waits)
            task.stage = waits
            self._schedule.wait_turn(task, ahead)
            return False

    # Waiting

    def _waits_for_equal(self, task: CallTask, stage: stages.WaitsForEqual) -> bool:
        with self._schedule:
            self._schedule.put_aside(task)
        # The run may have been cancelled and be over long since when the other call publishes.
        if self._leads.single_flight.wait(stage.key, partial(self._schedule.again, task)):
            return False
        with self._schedule:  # it just has
            return self._schedule.take_back(task)

    def _waits_for_inputs(self, task: CallTask, stage: stages.WaitsForInputs) -> bool:
        task.asked += stage.names
        with self._schedule:
            sources = [self._planner.source(task, name, task.call.edges[name]) for name in stage.names]
            self._changes.wait(task, sources, self._planner.demand(sources))
        return False

    def _waits_for_values(self, task: CallTask, stage: stages.WaitsForValues) -> bool:
        self._leads.publish(task, None)  # what it waits for might wait for it
        lost = [each for each in dict.fromkeys(stage.lost) if isinstance(each, CallTask)]
        with self._schedule:
            again = [each for each in lost if each.state is State.DONE and each.values is None]
            for each in again:
                self._planner.take_up_again(each)
            task.stage = stage._replace(lost=())  # they know who waits for them: no ring
            self._changes.wait(task, lost, self._planner.demand(again))
        return False

    def _graph_runs(self, task: CallTask, stage: stages.GraphRuns) -> bool:
        self._leads.publish(task, None)  # an equal node expands by itself; what is inside is shared
        planner = self._planner
        frame = planner.instances[task]
        with self._schedule:
            demand, sources = planner.lay_out_all(frame, stage.graph.targets)
            frame.total = frame.open
            for inner in planner.calls(frame):
                if inner.state is State.DONE:
                    self._log.remembered(inner)
            self._changes.wait(task, sources, demand)
        return False

    def _body_runs(self, task: CallTask, stage: stages.BodyRuns) -> bool:
        self._schedule.start_async(task, stage.body, partial(self._body_ended, task))
        return False

    def _body_ended(self, task: CallTask, body: BodyTask[Any]) -> None:
        if not self._token.cancelled:
            self._schedule.again(task, body.result)
            return
        with self._schedule:
            is_aside = self._schedule.take_back(task)
        if is_aside:
            self._failures.report(task, CancelledError())
            self._stop(task, task.id)

    # The end of a call

    def _done(self, task: CallTask, _: stages.Done) -> bool:
        self._leads.publish(task, task.result)
        self._finish(task)
        return False

    def _blocked(self, task: CallTask, stage: stages.Blocked) -> bool:
        count = len(task.call.type.outputs)
        task.values = (BLOCK,) * count
        task.result = Result(task.values, (self._calls.blocked,) * count)
        self._leads.publish(task, None)
        self._log.skipped(task, stage.because)
        self._finish(task)
        return False

    def _finish(self, task: Source) -> None:
        """A task at work is done: what read its inputs lets go of them, and what waits for it goes on."""
        owner = task.frame.owner
        self._drain.done(task)
        with self._schedule:
            self._changes.let_go(task)
            if owner is None:
                self._schedule.finish(task)
        if owner is not None:  # before it is finished, after which the run may be over
            self._log.progressed(owner, task.frame.total - task.frame.open, task.frame.total, None)
            with self._schedule:
                self._schedule.finish(task)

    def _stop(self, task: Source, because: str, depth: int | None = None) -> None:
        """A task at work has no result; what needs it is skipped. `depth` if the cause lies elsewhere."""
        with self._schedule:
            self._changes.stop(task, because, len(task.frame.path) if depth is None else depth, is_reported=True)
            self._schedule.leave()

    # Streams

    def perform_stream(self, stream: Stream) -> None:
        """Have as many items under way as there is room for."""
        while not self._schedule.ending:
            try:
                frame = self._streams.next_item(stream)
                if frame is not None:
                    self._begin_item(stream, frame)
                    continue
            except BaseException as error:  # noqa: BLE001 - whatever a source raises is that node's failure
                self._streams.break_off(stream, error)
            with self._schedule:
                if stream.under_way and not self._streams.has_room(stream):
                    stream.parked = True
                    stream.state = State.WAITING
                    self._schedule.leave()
                    return
            if stream.over:
                self._streams.end(stream)
                if stream.broken:
                    self._stop(stream, stream.broken, stream.depth)
                else:
                    self._finish(stream)
                return  # else items got through in the meantime, and there is room again
        with self._schedule:
            self._schedule.leave()

    def _begin_item(self, stream: Stream, frame: Frame) -> None:
        planner, group, path = self._planner, stream.group, frame.path
        at_hand = {call.id for call in planner.calls(frame) if call.state is State.DONE}
        targets = group.targets if stream.effects else ()
        members = dict.fromkeys([*targets, *(node for node, _ in stream.collected)])
        with self._schedule:
            planner.items[stream][path[-1]] = frame
            stream.under_way += 1
            frame.open = 1  # until everything is laid out
            demand = planner.lay_out(frame, members)
            inside = [planner.stream(frame, each) for each in group.inside if stream.effects and each.has_targets]
            also = planner.demand(inside)
            cached = [call for call in planner.calls(frame) if call.state is State.DONE]
            self._changes.begin(demand)
            self._changes.begin(also)
        if not stream.frame.path:
            self._log.expect_items(group.members, max(stream.total or 0, stream.index))
        for call in cached:
            if call.id in at_hand:
                self._log.finished(call, 0.0, ())
            else:
                self._log.remembered(call)
        with self._schedule:
            self._changes.close(frame)


_ENTER: dict[type, Callable[[Driver, CallTask, Any], bool]] = {
    stages.Calls: Driver._calls_now,
    stages.EffectsDue: Driver._effects_due,
    stages.WaitsForEqual: Driver._waits_for_equal,
    stages.WaitsForInputs: Driver._waits_for_inputs,
    stages.WaitsForValues: Driver._waits_for_values,
    stages.GraphRuns: Driver._graph_runs,
    stages.BodyRuns: Driver._body_runs,
    stages.Done: Driver._done,
    stages.Blocked: Driver._blocked,
}
"""What entering a stage does, and whether the call goes on at once. The other stages do nothing, and the call does."""
