"""What a run would do with each node, and why, told without running anything.

What is remembered answers by recipe only: values that would be made are not there to be looked at. So where a node
would run, those below it are told to depend on it; when it gives what it gave before, they are reused after all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.build import Call, Graph
from graph.explain import History, Part, Reason, literal_part, not_reusable
from graph.keys import FreshKey, Key
from graph.result import Result

REMEMBERED = Reason("remembered", "its result is remembered")
NOT_NEEDED = Reason("not_needed", "everything that reads it is remembered")
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


def forecast(
    graph: Graph, keys: Mapping[str, Key], find: Callable[[Call], Result | None], history: History
) -> list[Forecast]:
    """Every call of a graph, in the order in which they would run. `find` gives what may be used again."""
    remembered: dict[str, Result] = {}
    running: set[str] = set()
    pending = list(graph.targets)
    while pending:
        node = pending.pop()
        if node in remembered or node in running:
            continue
        found = None if isinstance(keys[node], FreshKey) else find(graph.calls[node])
        if found is not None:
            remembered[node] = found
        else:
            running.add(node)
            pending += [edge.node for edge in graph.calls[node].edges.values()]
    return [
        Forecast(node, True, _why(call, keys[node], remembered, history))
        if node in running
        else Forecast(node, False, REMEMBERED if node in remembered else NOT_NEEDED)
        for node, call in graph.calls.items()
    ]


def _why(call: Call, key: Key, remembered: Mapping[str, Result], history: History) -> Reason:
    if not call.type.cache:
        return not_reusable("the node is to run every time (cache=False)")
    parts = {name: literal_part(value) for name, value in call.literals.items()}
    for name, edge in call.edges.items():
        source = remembered.get(edge.node)
        mark = (source.marks[edge.output] or _UNKNOWN) if source is not None and source.marks else _UNKNOWN
        parts[name] = Part(mark, f"a value from node {edge.node}", edge.node)
    reason = history.reason(call.type.id, call.id, call.type.recipe, parts)
    if reason.code == "changed" and all(parts.get(item.name, (b"",))[0] == _UNKNOWN for item in reason.inputs):
        above = " and ".join(dict.fromkeys(item.source for item in reason.inputs))
        return Reason("changed", f"it depends on node {above}, which would run", reason.inputs)
    if isinstance(key, FreshKey) and reason.code in ("changed", "forgotten"):
        return not_reusable("nothing tells if what it depends on is the same as before")
    return reason
