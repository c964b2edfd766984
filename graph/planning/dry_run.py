"""What a run would do with each node, and why, without running anything.

A result is found by the recipe of its node, through the requests for lazy inputs, or by the values of other results
that are found. A value that would be made first cannot be looked at: so where a node would run, those below it are said
to depend on it; when it gives what it gave before, they are reused after all. What runs for each item of a stream is
looked up when its items are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph.building.calls import Call, Edge, Graph
from graph.building.stream_groups import StreamGroups, find_stream_groups
from graph.caching.cache import Cache
from graph.caching.call_history import FORGOTTEN, History, Part, Reason, changed, not_reusable
from graph.caching.keys import FreshKey, cache_keys
from graph.files.folders import Files
from graph.planning.call_keys import CallKeys, unrequested
from graph.planning.lookup import Memory
from graph.planning.plan import Planner
from graph.planning.reuse import Reuse, ReuseChain, WaitForInputs
from graph.planning.run_reasons import written_parts
from graph.planning.tasks import CallTask, Frame, GraphInstance
from graph.results.result import Fingerprint, Key, Result

REMEMBERED = Reason("remembered", "its result is remembered")
NOT_NEEDED = Reason("not_needed", "everything that reads it is remembered")
EACH_ITEM = Reason("items", "it is looked up for each item of a stream, and runs for those that are not remembered")
_UNKNOWN = b"what is not known yet"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would happen to one node: `runs`, or not, for a reason."""

    node: str
    runs: bool
    reason: Reason

    def as_json(self) -> dict[str, Any]:
        """For JSON."""
        return {"node": self.node, "runs": self.runs, **self.reason.as_json()}


def forecast(graph: Graph, cache: Cache, files: Files) -> list[Forecast]:
    """Every call of a graph, in the order in which they would run."""
    cache.refresh()
    scopes = find_stream_groups(graph)
    streaming = {node for node in graph.calls if scopes.stream_of(node) is not None}
    finder = _Finder(graph, cache, files, scopes)
    found = finder.found
    running: set[str] = set()
    looked_at: set[tuple[str, bool]] = set()
    pending = [(target, bool(graph.calls[target].type.outputs)) for target in graph.targets]
    while pending:
        node, needs_values = pending.pop()
        if (node, needs_values) in looked_at:
            continue
        looked_at.add((node, needs_values))
        result = found.get(node)
        if result is None or (needs_values and result.values is None and not result.on_disk):
            running.add(node)
            pending += [(edge.node, True) for edge in graph.calls[node].edges.values()]
    reached = {node for node, _ in looked_at}
    forecasts = []
    for node, call in graph.calls.items():
        if node in running:
            reason = (
                EACH_ITEM if node in streaming else _why(call, finder.keys[node], found, running, cache.history, files)
            )
            forecasts.append(Forecast(node, True, reason))
        else:
            forecasts.append(Forecast(node, False, REMEMBERED if node in reached else NOT_NEEDED))
    return forecasts


class _Finder:
    """Finds the cached results of a graph, each call after those that feed it, as a run would."""

    def __init__(self, graph: Graph, cache: Cache, files: Files, scopes: StreamGroups) -> None:
        self.keys = cache_keys(graph, files)
        self.found: dict[str, Result] = {}
        memory = Memory(cache, files)
        planner = Planner(memory)
        self._call_keys = CallKeys(planner, memory)
        self._chain = ReuseChain(memory, self._call_keys, _nothing_is_at_work)
        frame = Frame(GraphInstance(graph, scopes), self.keys)
        for node in graph.calls:
            if scopes.stream_of(node) is not None:
                continue
            task = planner.task(frame, node)
            task.result = task.result or memory.find(task) or self._by_values(task)
            if task.result is not None:
                self.found[node] = task.result

    def _by_values(self, task: CallTask) -> Result | None:
        """The result by what would arrive, if all of it is known; of lazy inputs those that it is known to request."""
        edges = task.call.edges
        while all(edge.node in self.found for name, edge in edges.items() if name not in unrequested(task)):
            answer = self._chain.look_up(task, self._call_keys.inputs_of(task))
            if isinstance(answer, Reuse):
                return answer.result
            if not isinstance(answer, WaitForInputs):
                return None
            task.asked += answer.names
        return None


def _nothing_is_at_work(_: CallTask, __: Key) -> bool:
    """A dry run waits for no equal call."""
    return True


def _fingerprint(found: Mapping[str, Result], edge: Edge) -> Fingerprint | None:
    result = found.get(edge.node)
    return result.fingerprints[edge.output] if result is not None and result.fingerprints else None


def _why(
    call: Call, key: Key, found: Mapping[str, Result], running: set[str], history: History, files: Files
) -> Reason:
    if call.id in found:
        return FORGOTTEN
    if not call.type.cache:
        return not_reusable("the node is to run every time (cache=False)")
    if isinstance(key, FreshKey) and key.why:
        return not_reusable(key.why)
    parts = written_parts(call, files)
    for name, edge in call.edges.items():
        fingerprint = None if edge.node in running and edge.node not in found else _fingerprint(found, edge)
        parts[name] = Part(fingerprint or _UNKNOWN, f"a value from node {edge.node}", edge.node)
    reason = history.reason(call.type.id, call.id, call.type.recipe, parts)
    made_anew = [item for item in reason.inputs if item.name in call.edges and parts[item.name].fingerprint == _UNKNOWN]
    if made_anew and len(made_anew) == len(reason.inputs):
        above = list(dict.fromkeys(item.source for item in made_anew))
        nodes = f"node {above[0]}" if len(above) == 1 else f"nodes {', '.join(above[:-1])} and {above[-1]}"
        return Reason("changed", f"it depends on {nodes}, which would run", reason.inputs)
    if made_anew:  # of these nobody knows yet whether they change
        known = [item for item in reason.inputs if item not in made_anew]
        return changed(known, also_code=reason.also_code)
    if isinstance(key, FreshKey) and reason.code == "forgotten":
        return not_reusable("nothing tells if what it depends on is the same as before")
    return reason
