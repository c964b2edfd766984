"""What a run will do with each node: run it, or reuse what is remembered. Demand-driven from the targets.

A node runs when a target needs its value and no remembered result answers for it. Nothing above a remembered result
is looked at, so a workflow of which everything is remembered costs one question a target. Of several calls with one
key the first runs and the others share its result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graph.build import Graph
from graph.cache import MemoryCache, Result
from graph.context import Artifact
from graph.files import FileNameError, Files
from graph.keys import Key


@dataclass(slots=True)
class Plan:
    """What happens in a run. `run` is in topological order; `same` maps a call to the equal one that runs for it."""

    run: list[str]
    reuse: dict[str, Result]
    same: dict[str, str] = field(default_factory=dict)


def make_plan(graph: Graph, keys: Mapping[str, Key], cache: MemoryCache, files: Files) -> Plan:
    """Decide for every call of the graph."""
    reuse: dict[str, Result] = {}
    needed: set[str] = set()
    pending = list(graph.targets)
    while pending:
        node_id = pending.pop()
        if node_id in needed or node_id in reuse:
            continue
        result = cache.get(keys[node_id])
        if result is not None and (not result.artifacts or _still_there(result.artifacts, files)):
            reuse[node_id] = result
            continue
        needed.add(node_id)
        pending += [edge.node for edge in graph.calls[node_id].edges.values()]
    run: list[str] = []
    same: dict[str, str] = {}
    first: dict[Key, str] = {}
    for node_id in graph.calls:
        if node_id in needed:
            leader = first.setdefault(keys[node_id], node_id)
            if leader == node_id:
                run.append(node_id)
            else:
                same[node_id] = leader
    return Plan(run, reuse, same)


def _still_there(artifacts: tuple[Artifact, ...], files: Files) -> bool:
    """Whether the files that a remembered node made are still where it put them."""
    try:
        return all(files.path(artifact.folder, artifact.name).is_file() for artifact in artifacts)
    except FileNameError:
        return False
