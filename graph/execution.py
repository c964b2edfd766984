"""One run at work: calls nodes with their inputs, keeps values until their last reader, and tells what happens.

Values are checked on both sides of a call. A call reads its inputs when it begins; one that is skipped gives them up.
Whatever a node raises ends that node and nothing else, and becomes a
problem with the node's name; the exception's `input` and `remedy` are passed on where it has them.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graph import events
from graph.build import Call, Graph
from graph.cache import MemoryCache, Result
from graph.context import Artifact, CancelledError, CancelToken, NodeContext, RunRecord
from graph.errors import NodeError, Problem
from graph.files import Files
from graph.keys import FreshKey, Key
from graph.plan import Plan
from graph.scheduler import Lanes, Task, run_tasks
from graph.sockets import ValueRefusedError, describe_value
from graph.values import Refusal, admit

Listener = Callable[[events.Event], None]


@dataclass(frozen=True, slots=True)
class Services:
    """What every run of an engine shares."""

    files: Files
    cache: MemoryCache
    lanes: Lanes


class Execution:
    """The state of one run. `run` once; then read `values`, `problems`, `artifacts` and `seconds`."""

    def __init__(
        self,
        graph: Graph,
        plan: Plan,
        keys: dict[str, Key],
        services: Services,
        record: RunRecord,
        token: CancelToken,
        listener: Listener | None,
        previews: bool,
    ) -> None:
        self.graph = graph
        self.plan = plan
        self.keys = keys
        self.services = services
        self.record = record
        self.token = token
        self.listener = listener
        self.previews = previews
        self.values: dict[str, tuple[Any, ...]] = {node: result.values for node, result in plan.reuse.items()}
        self.artifacts: dict[str, tuple[Artifact, ...]] = {}
        self.problems: list[Problem] = []
        self.seconds: dict[str, float] = {}
        busy = {*plan.run, *plan.same}
        self.reused = tuple(node for node in graph.calls if node not in busy)
        """Nodes that need not be called: their result is remembered, or the result of everything that reads them."""
        self._stopped: set[str] = set()
        self._number = 0
        self._lock = threading.RLock()
        self._readers = self._count_readers()

    def run(self) -> str:
        """Do everything that the plan says; returns finished, failed or cancelled."""
        started = time.perf_counter()
        self._emit(events.RunStarted, self.graph.targets, tuple(self.plan.run), self.reused, tuple(self.graph.blocked))
        for node, result in self.plan.reuse.items():
            self._show_reused(node, result.artifacts)
        tasks = [Task(node, self.graph.calls[node].type.lane, self._sources(node)) for node in self.plan.run]
        run_tasks(tasks, self.services.lanes, self._perform, self._skip, self.token)
        for node, leader in self.plan.same.items():
            if leader in self.values:
                self.values[node] = self.values[leader]
            if leader in self.seconds:
                self.reused += (node,)
                self._show_reused(node, self.artifacts.get(leader, ()))
            elif leader in self._stopped:
                self._emit(events.NodeSkipped, node, leader)
        complete = len(self.seconds) == len(self.plan.run)
        status = "failed" if self.problems else "finished" if complete else "cancelled"
        self._emit(events.RunFinished, status, time.perf_counter() - started)
        return status

    def _source(self, node: str) -> str:
        """The call that really gives a node's values: itself, or the equal one that runs for it."""
        return self.plan.same.get(node, node)

    def _sources(self, node: str) -> set[str]:
        edges = self.graph.calls[node].edges.values()
        return {source for edge in edges if (source := self._source(edge.node)) not in self.plan.reuse}

    def _count_readers(self) -> dict[str, int]:
        """How often each value will still be read in this run; targets are read once more, by the caller."""
        readers = dict.fromkeys(self.graph.calls, 0)
        for node in self.plan.run:
            for edge in self.graph.calls[node].edges.values():
                readers[self._source(edge.node)] += 1
        for target in self.graph.targets:
            readers[self._source(target)] += 1
        return readers

    def _perform(self, node: str) -> bool:
        call = self.graph.calls[node]
        self._emit(events.NodeStarted, node)
        context = NodeContext(self.services.files, self.record, self.token, self.previews, self._reporter(node))
        started = time.perf_counter()
        try:
            values = self._call(call, self._inputs(call), context)
        except CancelledError:
            self._stopped.add(node)
            self._emit(events.NodeCancelled, node)
            return False
        except BaseException as error:  # noqa: BLE001 - whatever a node raises ends that node only, sys.exit() too
            self._fail(call, error)
            return False
        seconds = time.perf_counter() - started
        artifacts = tuple(context.artifacts)
        if not isinstance(self.keys[node], FreshKey):
            self.services.cache.put(self.keys[node], Result(values, artifacts, seconds))
        with self._lock:
            if self._readers[node]:
                self.values[node] = values
        self.seconds[node] = seconds
        if artifacts:
            self.artifacts[node] = artifacts
        self._emit(events.NodeFinished, node, seconds, artifacts)
        return True

    def _inputs(self, call: Call) -> dict[str, Any]:
        inputs = dict(call.literals)
        given = {name: self.values[self._source(edge.node)][edge.output] for name, edge in call.edges.items()}
        self._release(call)
        for name, value in given.items():
            convert = call.edges[name].convert
            if convert is not None:
                value = convert(value)
            admitted = admit(call.type.by_name[name], value, self.services.files)
            if isinstance(admitted, Refusal):
                message = f"{admitted.message}: expected {admitted.expected}, got {admitted.got}"
                raise NodeError(message, input=name, remedy=admitted.remedy)
            inputs[name] = admitted
        return inputs

    def _release(self, call: Call) -> None:
        """A call has read its inputs, or never will: forget the values that nobody else waits for."""
        with self._lock:
            for edge in call.edges.values():
                source = self._source(edge.node)
                self._readers[source] -= 1
                if self._readers[source] == 0:
                    self.values.pop(source, None)

    def _call(self, call: Call, inputs: dict[str, Any], context: NodeContext) -> tuple[Any, ...]:
        node_type = call.type
        if node_type.context_parameter is not None:
            inputs[node_type.context_parameter] = context
        returned = node_type.function(**inputs)
        outputs = node_type.outputs
        values = returned if isinstance(returned, tuple) and node_type.returns_tuple else (returned,)
        if not outputs:
            return ()
        if len(values) != len(outputs):
            got = describe_value(returned)
            raise NodeError(
                f"the node returned {got} instead of {len(outputs)} outputs", remedy="correct the node's code"
            )
        for output, value in zip(outputs, values, strict=True):
            try:
                output.type.enforce(value)
            except ValueRefusedError as error:
                message = f"the node returned {error.got} as {output.name}, which should be {error.expected}"
                raise NodeError(message, remedy="correct the node's code") from None
        return tuple(values)

    def _fail(self, call: Call, error: BaseException) -> None:
        if hasattr(error, "remedy") and error.args:
            message = str(error.args[0])  # its text may hold the remedy too
        else:
            message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        socket = str(getattr(error, "input", "") or "")
        remedy = str(getattr(error, "remedy", "") or "")
        problem = Problem("node_failed", message, call.id, call.type.id, socket, remedy=remedy)
        with self._lock:
            self.problems.append(problem)
            self._stopped.add(call.id)
        self._emit(events.NodeFailed, call.id, problem, "".join(traceback.format_exception(error)))

    def _skip(self, node: str, because: str) -> None:
        self._stopped.add(node)
        self._release(self.graph.calls[node])
        self._emit(events.NodeSkipped, node, because)

    def _show_reused(self, node: str, artifacts: tuple[Artifact, ...]) -> None:
        if artifacts:
            self.artifacts[node] = artifacts
            self._emit(events.NodeReused, node, artifacts)

    def _reporter(self, node: str) -> Callable[[float, float, bytes | None], None]:
        def report(value: float, maximum: float, preview: bytes | None) -> None:
            self._emit(events.NodeProgressed, node, value, maximum, preview)

        return report

    def _emit(self, kind: Callable[..., events.Event], *facts: object) -> None:
        if self.listener is None:
            return
        with self._lock:
            self._number += 1
            self.listener(kind(self.record.run_id, self._number, *facts))
