"""The engine: runs workflows, and caches results from run to run. This is the one place that joins the wings."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from graph.base.errors import Problem, WorkflowError
from graph.base.gc_pacing import collector_at_rest
from graph.building.build import build
from graph.building.calls import Graph
from graph.building.given_values import without_given
from graph.building.source_map import visible
from graph.caching.cache import Cache
from graph.caching.keys import FreshKey, cache_keys
from graph.caching.memory_cache import MemoryCache
from graph.document.workflow import Workflow
from graph.document.writer import to_json
from graph.files.folders import Files
from graph.node_types.context import Artifact, CancelToken, RunRecord
from graph.node_types.registry import Registry
from graph.node_types.warnings import NodeWarnings
from graph.results.arrays import ArrayCodec
from graph.results.result import Key
from graph.running.execution import Execution, Services
from graph.running.file_hashes import FileHashes
from graph.running.provenance import describe_run, model_files
from graph.running.publisher import Listener
from graph.scheduling.lanes import Lanes

DEFAULT_CACHE_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. `status` is finished, failed or cancelled."""

    run_id: str
    status: str
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Target -> output name -> value, for the targets that finished; lists of values for one inside a stream.

    A target that is an instance of a sub-workflow is there with its own outputs, beside the inner nodes they are of.
    """
    artifacts: Mapping[str, tuple[Artifact, ...]] = field(default_factory=dict)
    ran: tuple[str, ...] = ()
    """The nodes of the workflow that were called, in topological order."""
    reused: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    warnings: Mapping[str, NodeWarnings] = field(default_factory=dict)
    """Node -> what it warned of, now or when its result was made."""


class Engine:
    """Runs workflows in this process. Close it, or use it as a context manager. `run` may be called from many threads.

    `cache` is what is remembered between runs; without one, it is memory of `cache_bytes` that knows the arrays of
    `codecs`. `versions` is written into what runs save. `shadow` is the share of remembered results that are worked out
    again all the same, to find nodes that do not keep the laws: for tests.
    """

    def __init__(
        self,
        registry: Registry,
        files: Files | None = None,
        *,
        cache: Cache | None = None,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        codecs: Sequence[ArrayCodec] = (),
        lanes: Lanes | None = None,
        versions: Mapping[str, str] | None = None,
        shadow: float = 0.0,
        hashes: FileHashes | None = None,
    ) -> None:
        self.registry = registry
        self.files = files or Files()
        self.cache = cache or Cache(MemoryCache(cache_bytes, codecs))
        self.lanes = lanes or Lanes()
        self.versions = dict(versions or {})
        self._services = Services(registry, self.files, self.cache, self.lanes, shadow=shadow)
        self._hashes = hashes or FileHashes()

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
        self.cache.refresh()
        with collector_at_rest():  # to the end, when what the run was made of is gone
            return self._run(workflow, targets, listener, token or CancelToken(), previews, run_id or uuid.uuid4().hex)

    def _run(
        self,
        workflow: Workflow,
        targets: Iterable[str] | None,
        listener: Listener | None,
        token: CancelToken,
        previews: bool,
        run_id: str,
    ) -> Outcome:
        self.registry.recheck_dependencies()
        graph = self.check(workflow, targets)
        record = RunRecord(
            run_id, lambda: to_json(without_given(workflow)), lambda: self._describe(run_id, graph, token)
        )
        if any(call.type.side_effect for call in graph.calls.values()):  # it may write them into a picture
            self._hashes.begin(model_files(graph, self.files).values())
        execution = Execution(
            graph, cache_keys(graph, self.files), self._services, record, token, listener,
            previews=previews, locate=lambda problem: visible(problem, workflow),
        )  # fmt: skip
        status = execution.run()
        log = execution.log
        values = {target: found for target in graph.targets if (found := execution.values_at(target)) is not None}
        values |= {instance: found for instance in graph.outputs if (found := graph.gather(instance, values))}
        return Outcome(
            run_id=run_id,
            status=status,
            values=values,
            artifacts=log.artifacts,
            ran=tuple(node for node in graph.calls if node in log.seconds),
            reused=tuple(node for node in log.reused if node not in log.seconds),
            problems=tuple(log.problems),
            seconds=log.seconds,
            warnings=log.warnings.of_nodes(),
        )

    def check(self, workflow: Workflow, targets: Iterable[str] | None = None) -> Graph:
        """The graph that would run; raises `WorkflowError` with everything that keeps it from running."""
        return build(workflow, self.registry, self.files, targets)

    def wanted(self, workflow: Workflow, targets: Iterable[str] | None = None) -> frozenset[Key]:
        """What a run would look for among what is remembered; nothing of one that would be refused."""
        try:
            graph = self.check(workflow, targets)
        except WorkflowError:
            return frozenset()
        return frozenset(key for key in cache_keys(graph, self.files).values() if type(key) is not FreshKey)

    def expect(self, queued: Iterable[Collection[Key]]) -> None:
        """Keep what some queued runs want longer than anything else. Called again when the queue changes."""
        self.cache.expect(frozenset().union(*queued))

    def close(self) -> None:
        """Let running work end, and stop the threads; write what is waiting to be written."""
        self.lanes.close()
        self._hashes.close()
        self.cache.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _describe(self, run_id: str, graph: Graph, token: CancelToken) -> dict[str, Any]:
        return describe_run(run_id, graph, self.files, self._hashes, self.versions, lambda: token.cancelled)
