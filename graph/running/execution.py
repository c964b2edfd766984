"""One run: from the targets of a graph to their values. `graph.running.evaluation` is about one call.

Values are held until their last reader has read them. What a node raises ends that node and skips what needs it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from graph.base.errors import Problem
from graph.building.calls import Graph
from graph.building.stream_groups import find_stream_groups
from graph.caching.cache import Cache
from graph.caching.keys import FreshKey
from graph.files.folders import Files
from graph.node_types.context import CancelledError, CancelToken, RunRecord
from graph.node_types.flow import BLOCK
from graph.node_types.registry import Registry
from graph.node_types.warnings import NodeWarning, NodeWarnings, in_words
from graph.planning.lookup import Memory
from graph.planning.plan import Demand, Planner, Source
from graph.planning.plan_summary import outlook
from graph.planning.tasks import CallTask, Frame, GraphInstance, Stream
from graph.results.result import Fingerprint, Key, Result
from graph.running import call_checks, events
from graph.running.evaluation import Work
from graph.running.run_log import Listener, RunLog
from graph.running.single_flight import SingleFlight
from graph.running.streams import StreamRunner
from graph.scheduling.drain import Drain
from graph.scheduling.lanes import Lanes, State
from graph.scheduling.scheduler import Schedule

Locate = Callable[[Problem], Problem]
"""Says of a problem of an inner node which node a person sees."""


@dataclass(frozen=True, slots=True)
class Services:
    """What every run of an engine shares."""

    registry: Registry
    files: Files
    cache: Cache
    lanes: Lanes
    flights: SingleFlight = field(default_factory=SingleFlight)
    shadow: float = 0.0


class Execution:
    """The state of one run. `run` once; then read `account` and `values_at`."""

    def __init__(
        self,
        graph: Graph,
        keys: dict[str, Key],
        services: Services,
        record: RunRecord,
        token: CancelToken,
        listener: Listener | None,
        *,
        previews: bool,
        locate: Locate,
    ) -> None:
        self.graph = graph
        self.services = services
        self.registry = services.registry
        self.cache = services.cache
        self.files = services.files
        self.record = record
        self.token = token
        self.previews = previews
        self._locate = locate
        self.memory = Memory(services.cache, services.files, services.shadow)
        self.planner = Planner(self.memory)
        self.schedule = Schedule(services.lanes, self._step, token)
        self.work = Work(self)
        self.account = RunLog(record.run_id, listener, self.schedule.abort)
        self.pump = StreamRunner(self)
        self.top = Frame(GraphInstance(graph, find_stream_groups(graph)), keys)
        self.to_run: tuple[str, ...] = ()
        self.any_unkeyed = False
        self._leading: set[Key] = set()
        self._problems: dict[str, Problem] = {}
        self._drain = Drain(lambda: self.account.tell(events.RunDraining))
        self._wanted: dict[str, Source] = {}
        """Target -> what brings it."""
        self._demand = self._plan()

    def _plan(self) -> Demand:
        """Lay out what the targets need."""
        demand, sources = self.planner.lay_out_all(self.top, self.graph.targets)
        self._wanted = dict(zip(self.graph.targets, sources, strict=True))
        cells = [task for task in sources if isinstance(task, CallTask) and task.state is State.DONE]
        forgotten = [cell for cell in dict.fromkeys(cells) if self.values_of(cell) is None]
        for cell in forgotten:
            self.planner.take_up_again(cell)
        more = self.planner.demand(forgotten)
        return Demand([*demand.needed, *more.needed], [*demand.doomed, *more.doomed])

    def run(self) -> str:
        """Do everything that is needed; returns finished, failed or cancelled."""
        began = time.perf_counter()
        self.to_run, reused = outlook(self.top, self.planner, self._demand)
        self.account.reused.update(dict.fromkeys(reused))
        graph = self.graph
        self.account.tell(events.RunStarted, graph.targets, self.to_run, reused, (*graph.blocked, *graph.left_out))
        for node, why in self.graph.left_out.items():
            self.account.warnings.gather(node, NodeWarnings((NodeWarning(in_words(why)),)))
        at_hand = [cell for cell in dict.fromkeys(self.top.cells.values()) if cell.state is State.DONE]
        for cell in at_hand:
            self.account.remembered(cell)
        told = {node for cell in at_hand for node in (cell.id, *cell.also)}
        self._recall_warnings(node for node in reused if node not in told)
        self.begin(self._demand)
        try:
            self.schedule.run()
        finally:
            self.pump.close()
            for key in self._leading:
                self.services.flights.land(key, None)
        status = self._status()
        self._keep_warnings()
        self.account.tell(events.RunFinished, status, time.perf_counter() - began)
        self.account.close()
        if self.schedule.failure is not None:  # the listener would not hear of the end
            raise self.schedule.failure
        return status

    def values_at(self, target: str) -> dict[str, Any] | None:
        """The value of every output of a target; lists of them for one inside a stream. None when it has none."""
        names = self.graph.calls[target].type.output_index
        source = self._wanted[target]
        if isinstance(source, Stream):
            if source.state is not State.DONE or source.blocked or (target, 0) not in source.collected:
                return None
            return {name: [value for _, value, _ in source.collected[target, index]] for name, index in names.items()}
        values = self.values_of(source) if source.state is State.DONE else None
        is_blocked = source.extra is not None and source.extra.blocked
        blocked = values is None or is_blocked or any(value is BLOCK for value in values)
        return None if blocked else dict(zip(names, values or (), strict=True))

    def _status(self) -> str:
        if self.account.failed:
            return "failed"
        return "finished" if all(task.state is State.DONE for task in self._wanted.values()) else "cancelled"

    def _recall_warnings(self, reused: Iterable[str]) -> None:
        """Nodes above a remembered result are not looked at: what they warned of is remembered by itself."""
        keys = self.top.keys
        for node, warned in self.cache.warnings((node, keys[node]) for node in reused):
            self.account.warnings.gather(node, warned)

    def _keep_warnings(self) -> None:
        self.account.warnings.settle()
        for node, warned in self.account.warnings.of_nodes().items():
            key = self.top.keys.get(node)
            if key is not None and type(key) is not FreshKey:
                self.cache.keep_warnings(key, warned, node_type=self.graph.calls[node].type.id)

    def dissolve(self) -> None:
        """Take the run apart: its parts know each other, and would otherwise wait for the collector to be freed."""
        self.top.dissolve()
        for part in (self.work, self.pump):
            vars(part).clear()  # not the schedule: a thread that saw the run cancelled may still look at it
        vars(self).clear()

    # What other rooms ask for

    def begin(self, demand: Demand) -> None:
        """Start what is ready, and end what cannot run."""
        self._drain.add(demand.needed)
        with self.schedule.lock:
            self.schedule.start([task for task in demand.ready if task not in demand.doomed])
            for task in demand.doomed:
                if task.state is State.WAITING:
                    because, depth = self.planner.stopped_by(task)
                    self._end(task, self.schedule.stop(task), because, depth, told=False)

    def values_of(self, cell: CallTask) -> tuple[Any, ...] | None:
        """The values of a cell, read back from the disk if need be; None when they are gone."""
        if cell.values is None and cell.result is not None:
            cell.values = cell.result.values
            if cell.values is None:
                cell.values = () if not cell.call.type.outputs else self.services.cache.values(cell.result)
        return cell.values

    def fingerprint_of(self, value: Any) -> Fingerprint | None:
        """What identifies a value by content; None when nothing does."""
        try:
            return self.services.cache.fingerprinter.of(value)
        except Exception:  # noqa: BLE001 - a value may be of any making; unknown means "do not reuse"
            return None

    def done(self, task: Source) -> None:
        """A task at work has its result."""
        if isinstance(task, CallTask):
            self.land(task, task.result)
        frame = task.frame
        with self.schedule.lock:
            self.planner.release(task)
            if task.refs == 0:
                task.let_go()
            self._close(frame)
        if frame.owner is not None:
            self.account.progressed(frame.owner, frame.total - frame.open, frame.total, None)
        self._drain.done(task)
        self.schedule.finish(task)

    def stop(self, task: Source, because: str, depth: int | None = None) -> None:
        """A task at work has no result; what needs it is skipped.

        That is because of the node `because`, which lies inside of `depth` streams if that is not the task itself.
        """
        if isinstance(task, CallTask):
            self.land(task, None)
        with self.schedule.lock:
            if depth is None:
                depth = len(task.frame.path)
            self._end(task, self.schedule.stop(task), because, depth, told=True)
            self.schedule.leave()

    def report(self, cell: CallTask, error: BaseException) -> None:
        """Tell that a node raised."""
        if isinstance(error, CancelledError):
            self.account.cancelled(cell)
            return
        keep_going = cell.frame.keeps_going
        problem = self._problem(cell, error, keep_going=keep_going)
        self._problems[cell.id] = problem
        self.account.failed_at(cell, problem, error, keep_going=keep_going)

    def _problem(self, cell: CallTask, error: BaseException, *, keep_going: bool) -> Problem:
        found = call_checks.describe_failure(error)
        path = cell.frame.path
        code = "item_failed" if keep_going else found.code
        message = f"item {'.'.join(map(str, path))}: {found.message}" if path else found.message
        found = replace(found, code=code, message=message, node=cell.id, node_type=cell.call.type.id)
        return self._locate(found)

    def _end(self, task: Source, skipped: Iterable[Any], because: str, depth: int, *, told: bool) -> None:
        """Clear up after a task that stopped and all that needed it. Holds the lock."""
        for each in (task, *skipped):
            item = each.frame.item
            if item is not None:
                item.depth = min(item.depth, depth) if item.broken else depth
                item.broken = item.broken or because
            if isinstance(each, CallTask):
                each.more().depth = depth
                inside = self._problems.get(because) if each.extra and each.extra.inner else None
                if inside is not None:  # a node failed in the graph that runs in its place
                    self._problems[each.id] = inside
                    self.account.failed_at(each, inside, None, keep_going=each.frame.keeps_going)
                elif each is not task or not told:
                    self.account.skipped(each, because)
                self.land(each, None)
            elif each is not task or not told:
                each.broken = each.broken or because
                each.depth = min(each.depth, depth)
                if not each.frame.path:
                    self.account.stream_ended(each.group.order, because)
            self.planner.release(each)
            self._drain.done(each)
            self._close(each.frame)

    def _close(self, frame: Frame) -> None:
        """Something of a frame is not under way any more. Holds the lock."""
        frame.open -= 1
        if frame.open == 0 and frame.stream is not None:
            self.pump.item_done(frame)

    def lead(self, cell: CallTask, key: Key) -> bool:
        """Whether a cell is to do its work. If not, a call with this key is at it, and the cell goes on after it."""
        if key in cell.leads:
            return True
        while not self.services.flights.board(key):
            if self._follow(cell, key):
                return False
        cell.leads += (key,)
        self._leading.add(key)
        return True

    def _follow(self, cell: CallTask, key: Key) -> bool:
        """Go on when an equal call is done; False when it just was."""
        schedule = self.schedule

        def landed(result: Result | None) -> None:
            cell.more().adopted = result
            schedule.again(cell)  # this run may have been cancelled and be over long since

        extra = cell.more()
        extra.follows = True
        self.schedule.put_aside(cell)
        if self.services.flights.follow(key, landed) or not self.schedule.take_back(cell):
            return True
        extra.follows = False
        return False

    def land(self, cell: CallTask, result: Result | None) -> None:
        """A cell that led has its result, or will not have one of its own for now."""
        keys, cell.leads = cell.leads, ()
        if keys and result is not None and result.values is None and not result.on_disk:
            # The cache had no room for the values; those who waited for them get them all the same.
            result = Result(cell.values, result.fingerprints, result.artifacts, result.seconds, warned=result.warned)
        for key in keys:
            self._leading.discard(key)
            self.services.flights.land(key, result)

    def _step(self, task: Source) -> None:
        if isinstance(task, Stream):
            self.pump.step(task)
            return
        try:
            self.work.attempt(task)
        except BaseException as error:  # noqa: BLE001 - whatever a node raises ends that node only, sys.exit() too
            self.report(task, error)
            self.stop(task, task.id)
