"""One run: from the targets of a graph to their values. It joins the parts of a run, and reports its begin and its end.

`graph.running.driver` performs the tasks, `graph.running.evaluation` has the steps of one call. Values are held until
their last reader has read them. What a node raises ends that node and skips what needs it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graph.building.calls import Graph
from graph.building.stream_groups import find_stream_groups
from graph.caching.cache import Cache
from graph.caching.keys import FreshKey
from graph.files.folders import Files
from graph.node_types.context import CancelToken, RunRecord
from graph.node_types.flow import BLOCK
from graph.node_types.registry import Registry
from graph.node_types.warnings import NodeWarning, NodeWarnings, in_words
from graph.planning.call_stages import Blocked
from graph.planning.lookup import Memory
from graph.planning.plan import Demand, Planner, Source
from graph.planning.plan_summary import outlook
from graph.planning.tasks import CallTask, Frame, GraphInstance, Stream
from graph.results.result import Key
from graph.running import events
from graph.running.driver import Driver
from graph.running.evaluation import CallSteps
from graph.running.expansion_run import Expansions
from graph.running.failures import Failures, Locate
from graph.running.publisher import Listener, Publisher
from graph.running.run_log import RunLog
from graph.running.single_flight import Leads, SingleFlight
from graph.running.streams import StreamRunner
from graph.scheduling.drain import Drain
from graph.scheduling.lanes import Lanes, State
from graph.scheduling.scheduler import Schedule


@dataclass(frozen=True, slots=True)
class Services:
    """What every run of an engine shares."""

    registry: Registry
    files: Files
    cache: Cache
    lanes: Lanes
    single_flight: SingleFlight = field(default_factory=SingleFlight)
    shadow: float = 0.0


class Execution:
    """One run. `run` once; then read `log` and `values_at`."""

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
        self._graph = graph
        self._cache = services.cache
        self._memory = memory = Memory(services.cache, services.files, services.shadow)
        self._planner = planner = Planner(memory)
        self._schedule = schedule = Schedule(services.lanes, token)
        self._publisher = publisher = Publisher(record.run_id, listener, schedule.abort)
        self.log = log = RunLog(publisher)
        leads = Leads(services.single_flight)
        failures = Failures(log, locate)
        expansions = Expansions(services.registry, services.files, memory, planner)
        self._driver = Driver(
            schedule, planner,
            CallSteps(record, token, memory, planner, leads, expansions, log, previews=previews),
            StreamRunner(memory, planner, log, failures), leads, log, failures,
            Drain(partial(publisher.publish, events.RunDraining)), token,
        )  # fmt: skip
        self._top = Frame(GraphInstance(graph, find_stream_groups(graph)), keys)
        self._wanted: dict[str, Source] = {}
        """Target -> what brings it."""

    def run(self) -> str:
        """Do everything that is needed; returns finished, failed or cancelled."""
        began = time.perf_counter()
        demand = self._plan()
        self._report_start(demand)
        self._driver.run(demand)
        status = self._status()
        self._keep_warnings()
        self._publisher.publish(events.RunFinished, status, time.perf_counter() - began)
        self._publisher.close()
        self._schedule.raise_failure()  # the listener may have raised when it was given the last event
        return status

    def values_at(self, target: str) -> dict[str, Any] | None:
        """The value of every output of a target; lists of them for one inside a stream. None when it has none."""
        names = self._graph.calls[target].type.output_index
        source = self._wanted[target]
        if isinstance(source, Stream):
            if source.state is not State.DONE or source.blocked or (target, 0) not in source.collected:
                return None
            return {name: [value for _, value, _ in source.collected[target, index]] for name, index in names.items()}
        values = self._memory.values_of(source) if source.state is State.DONE else None
        if values is None or type(source.stage) is Blocked or any(value is BLOCK for value in values):
            return None
        return dict(zip(names, values, strict=True))

    def _plan(self) -> Demand:
        """Lay out what the targets need."""
        demand, sources = self._planner.lay_out_all(self._top, self._graph.targets)
        self._wanted = dict(zip(self._graph.targets, sources, strict=True))
        calls = [task for task in sources if isinstance(task, CallTask) and task.state is State.DONE]
        forgotten = [call for call in dict.fromkeys(calls) if self._memory.values_of(call) is None]
        for call in forgotten:
            self._planner.take_up_again(call)
        more = self._planner.demand(forgotten)
        return Demand([*demand.to_run, *more.to_run], [*demand.unrunnable, *more.unrunnable])

    def _report_start(self, demand: Demand) -> None:
        graph, log = self._graph, self.log
        to_run, reused = outlook(self._top, self._planner, demand)
        log.reused.update(dict.fromkeys(reused))
        unused = (*graph.blocked, *graph.left_out)
        self._publisher.publish(events.RunStarted, graph.targets, to_run, reused, unused)
        for node, why in graph.left_out.items():
            log.warnings.gather(node, NodeWarnings((NodeWarning(in_words(why)),)))
        at_hand = [call for call in self._planner.calls(self._top) if call.state is State.DONE]
        for call in at_hand:
            log.remembered(call)
        reported = {node for call in at_hand for node in (call.id, *call.also)}
        self._recall_warnings(node for node in reused if node not in reported)

    def _status(self) -> str:
        if self.log.failed:
            return "failed"
        return "finished" if all(task.state is State.DONE for task in self._wanted.values()) else "cancelled"

    def _recall_warnings(self, reused: Iterable[str]) -> None:
        """Nodes above a cached result are not looked at: what they warned of is cached by itself."""
        keys = self._top.keys
        for node, warned in self._cache.warnings((node, keys[node]) for node in reused):
            self.log.warnings.gather(node, warned)

    def _keep_warnings(self) -> None:
        self.log.warnings.settle()
        for node, warned in self.log.warnings.of_nodes().items():
            key = self._top.keys.get(node)
            if key is not None and type(key) is not FreshKey:
                self._cache.keep_warnings(key, warned, node_type=self._graph.calls[node].type.id)
