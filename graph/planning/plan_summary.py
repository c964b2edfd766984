"""What is published of a run when it begins: which nodes are going to run, and which are reused.

Nothing above a remembered result is looked at, so its nodes are taken to be remembered, too; but for those that feed a
lazy input only. Whoever was not asked for may never have run, so these are looked up.
"""

from __future__ import annotations

from collections.abc import Iterable

from graph.building.calls import Graph
from graph.planning.plan import Demand, Planner, Source
from graph.planning.tasks import CallTask, Frame
from graph.scheduling.lanes import State


def outlook(frame: Frame, planner: Planner, demand: Demand) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The nodes of a frame that are going to run, and those that are remembered; what is open is in neither."""
    graph = frame.region.graph
    to_run = {node for task in demand.to_run for node in _nodes_of(task)}
    unsettled = {node for node, task in planner.tasks[frame].calls.items() if task.state is not State.DONE}
    behind = _only_on_request(graph)
    remembered = tuple(
        node
        for node in graph.calls
        if node not in to_run
        and node not in unsettled  # it lies behind a lazy input, or an equal one runs
        and (node not in behind or _is_known(frame, planner, node))
    )
    return tuple(node for node in graph.calls if node in to_run), remembered


def _nodes_of(task: Source) -> Iterable[str]:
    return (task.id,) if isinstance(task, CallTask) else task.group.order


def _only_on_request(graph: Graph) -> set[str]:
    """The nodes that nobody needs unless he asks for a lazy input."""
    if not any(call.type.lazies for call in graph.calls.values()):
        return set()
    reached: set[str] = set()
    pending = list(graph.targets)
    while pending:
        node = pending.pop()
        if node not in reached:
            reached.add(node)
            call = graph.calls[node]
            pending += [edge.node for name, edge in call.edges.items() if name not in call.type.lazies]
    return graph.calls.keys() - reached


def _is_known(frame: Frame, planner: Planner, node: str) -> bool:
    """Whether a node has a result; of those inside streams that is taken for granted."""
    if frame.region.scopes.stream_of(node) is not None:
        return True
    return planner.memory.find(planner.task(frame, node)) is not None
