"""The engine: runs workflows, and remembers results from run to run. This is the one place that joins the rooms."""

from __future__ import annotations

import gc
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from graph.build import Graph, build
from graph.cache import MemoryCache
from graph.context import Artifact, CancelToken, RunRecord
from graph.errors import Problem
from graph.execution import Execution, Listener, Services
from graph.files import Files
from graph.keys import cache_keys
from graph.plan import make_plan
from graph.record import FileHashes, describe_run
from graph.registry import Registry
from graph.scheduler import Lanes
from graph.workflow import Workflow
from graph.workflow_writer import to_json

DEFAULT_CACHE_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. `status` is finished, failed or cancelled."""

    run_id: str
    status: str
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Target -> output name -> value, for the targets that finished."""
    artifacts: Mapping[str, tuple[Artifact, ...]] = field(default_factory=dict)
    ran: tuple[str, ...] = ()
    reused: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep Python's cyclic garbage collector from running.

    A plan is some containers a node, none of which is garbage before the run ends. The collector would walk all of them
    again and again while they become more, which is the one thing in planning that grows faster than the graph.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Engine:
    """Runs workflows in this process. Close it, or use it as a context manager.

    `cache_bytes` bounds what is remembered between runs; `versions` is written into what runs save.
    """

    def __init__(
        self,
        registry: Registry,
        files: Files | None = None,
        *,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        lanes: Lanes | None = None,
        versions: Mapping[str, str] | None = None,
    ) -> None:
        self.registry = registry
        self.files = files or Files()
        self.cache = MemoryCache(cache_bytes)
        self.lanes = lanes or Lanes()
        self.versions = dict(versions or {})
        self._hashes = FileHashes()

    def run(
        self,
        workflow: Workflow,
        targets: Iterable[str] | None = None,
        *,
        listener: Listener | None = None,
        token: CancelToken | None = None,
        previews: bool = False,
        run_id: str = "",
    ) -> Outcome:
        """Run the targets of a workflow; without any, every active node that has a side effect.

        `listener` is called with every event, from the threads that do the work, one at a time; it must be quick.
        Raises `WorkflowError` before anything runs when the workflow cannot run. What nodes raise does not come out
        of here: it is in the outcome's `problems`.
        """
        run_id = run_id or uuid.uuid4().hex
        with _collector_at_rest():
            graph = self.check(workflow, targets)
            keys = cache_keys(graph, self.files)
            plan = make_plan(graph, keys, self.cache, self.files)
        record = RunRecord(run_id, lambda: to_json(workflow), lambda: self._describe(run_id, graph))
        services = Services(self.files, self.cache, self.lanes)
        execution = Execution(graph, plan, keys, services, record, token or CancelToken(), listener, previews)
        status = execution.run()
        return Outcome(
            run_id=run_id,
            status=status,
            values={
                target: dict(zip(graph.calls[target].type.output_index, execution.values[target], strict=True))
                for target in graph.targets
                if target in execution.values
            },
            artifacts=execution.artifacts,
            ran=tuple(node for node in plan.run if node in execution.seconds),
            reused=execution.reused,
            problems=tuple(execution.problems),
            seconds=execution.seconds,
        )

    def check(self, workflow: Workflow, targets: Iterable[str] | None = None) -> Graph:
        """The graph that would run; raises `WorkflowError` with everything that keeps it from running."""
        return build(workflow, self.registry, self.files, targets)

    def close(self) -> None:
        """Stop the threads."""
        self.lanes.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _describe(self, run_id: str, graph: Graph) -> dict[str, Any]:
        return describe_run(run_id, graph, self.files, self._hashes, self.versions)
