"""A graph that runs in the place of the node that returned it: how it begins, and what the node gives in the end."""

from __future__ import annotations

from typing import Any, NamedTuple

from graph.base.errors import NodeError
from graph.building.stream_groups import find_stream_groups
from graph.caching.keys import FreshKey, cache_keys
from graph.document.workflow import INSIDE
from graph.files.folders import Files
from graph.node_types.expansion import Expand
from graph.node_types.flow import BLOCK, GivenValue
from graph.node_types.registry import Registry
from graph.planning.call_keys import fingerprint_of_items
from graph.planning.call_stages import CallInputs, GraphRuns
from graph.planning.lookup import Memory
from graph.planning.loop_order import LoopOrder
from graph.planning.plan import FrameTasks, Planner
from graph.planning.tasks import CallTask, Frame, GraphInstance
from graph.results.result import Fingerprint
from graph.running.expansion_graph import inner_graph


class Outputs(NamedTuple):
    """What a node gives: values, and what identifies them."""

    values: tuple[Any, ...]
    fingerprints: tuple[Fingerprint | None, ...]


class Lost(NamedTuple):
    """Calls of the graph whose values are to be made again."""

    tasks: list[CallTask]


class Expansions:
    """Puts graphs in the place of nodes."""

    def __init__(self, registry: Registry, files: Files, memory: Memory, planner: Planner) -> None:
        self._registry = registry
        self._files = files
        self._memory = memory
        self._planner = planner

    def begin(self, task: CallTask, expand: Expand, inputs: CallInputs) -> GraphRuns | Outputs:
        """The graph, ready to be laid out in a frame of its own; the outputs where it has nothing to run."""
        outer, files, fingerprint_of = task.frame, self._files, self._memory.fingerprint_of
        depth = outer.region.depth + 1
        graph, outputs = inner_graph(task.call, task.id, depth, expand, self._registry, files, fingerprint_of)
        if graph is None:
            return Outputs(tuple(each.value for each in outputs), tuple(each.fingerprint for each in outputs))
        scopes = find_stream_groups(graph)
        placed = [call for name in expand.nodes if (call := graph.calls.get(task.id + INSIDE + name)) is not None]
        loop_order = LoopOrder([call for call in placed if call.id not in scopes.of], task.id)
        region = GraphInstance(graph, scopes, depth, tuple(call.id for call in placed), loop_order)
        _refuse_streams_inside_streams(region, outputs)
        self._planner.instances[task] = Frame(region, cache_keys(graph, files), outer.path, owner=task)
        return GraphRuns(inputs, graph, outputs)

    def outputs_of(self, task: CallTask, stage: GraphRuns) -> Outputs | Lost:
        """What the graph in the place of a node gave, once it is done."""
        frame = self._planner.instances[task]
        values: list[Any] = []
        fingerprints: list[Fingerprint | None] = []
        lost: list[CallTask] = []
        for output in stage.outputs:
            found = self._output(frame, output)
            if isinstance(found, CallTask):
                lost.append(found)
            else:
                values.append(found[0])
                fingerprints.append(found[1])
        if lost:
            return Lost(lost)
        if _is_unkeyed(frame, self._planner.tasks[frame]):
            task.unkeyed = True
        return Outputs(tuple(values), tuple(fingerprints))

    def _output(self, frame: Frame, output: Any) -> tuple[Any, Fingerprint | None] | CallTask:
        """A value and what identifies it, or the call that has lost it."""
        if isinstance(output, GivenValue):
            return output.value, output.fingerprint
        group = frame.region.scopes.stream_of(output[0])
        if group is not None:
            stream = self._planner.stream(frame, group, output)
            if stream.blocked:
                return BLOCK, self._memory.fingerprint_of(BLOCK)
            items = stream.collected[output]
            fingerprint = fingerprint_of_items(fingerprint for _, _, fingerprint in items)
            return [value for _, value, _ in items], fingerprint
        inner = self._planner.task(frame, output[0])
        values = self._memory.values_of(inner)
        if values is None:
            return inner
        return values[output[1]], inner.result.fingerprints[output[1]] if inner.result else None


def _is_unkeyed(frame: Frame, tasks: FrameTasks) -> bool:
    """Whether the keys of a graph do not cover what it gives, as with something impure in it or an item left out."""
    targets = frame.region.graph.targets
    calls = (tasks.calls[target] for target in targets if target in tasks.calls)
    streams = (stream for found in tasks.streams.values() for stream in found)
    is_fresh = any(type(frame.keys[target]) is FreshKey for target in targets)
    return is_fresh or any(call.unkeyed for call in calls) or any(stream.unkeyed for stream in streams)


def _refuse_streams_inside_streams(region: GraphInstance, outputs: tuple[Any, ...]) -> None:
    for output in outputs:
        group = None if isinstance(output, GivenValue) else region.scopes.stream_of(output[0])
        if group is not None and group.parent is not None:
            message = f"the graph that it expands to gives out {output[0]}, which is in a stream inside of a stream"
            raise NodeError(message, remedy="collect the inner stream in a list first")
