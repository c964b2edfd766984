"""Whether parts of files that a graph joins can work together, asked of those that know model files."""

from __future__ import annotations

from graph.base.errors import Problem, WorkflowError
from graph.building.calls import Graph
from graph.building.problems import NodeLocation
from graph.files.folders import Files


def check_files(graph: Graph, files: Files) -> None:
    """Raises `WorkflowError` with every node that would be given parts of files which cannot work together."""
    if not any(call.type.loads for call in graph.calls.values()):
        return
    found: list[Problem] = []
    for clash in files.kinds.clashes(graph.calls, certain_calls(graph), files.path):
        at = NodeLocation(clash.node, graph.calls[clash.node].type.id)
        found.append(at.problem("files_clash", clash.message, clash.socket, clash.expected, clash.got, clash.remedy))
    if found:
        raise WorkflowError(found)


def certain_calls(graph: Graph) -> frozenset[str]:
    """The calls that run whatever others return: nothing between them and a target is lazy, and nothing that feeds them
    chooses what goes on."""
    wanted: set[str] = set()
    pending = list(graph.targets)
    while pending:
        node = pending.pop()
        if node in wanted or node not in graph.calls:
            continue
        wanted.add(node)
        call = graph.calls[node]
        pending += [edge.node for name, edge in call.edges.items() if name not in call.type.lazies]
    open_ended: set[str] = set()
    for node, call in graph.calls.items():
        if call.type.lazies or any(edge.node in open_ended for edge in call.edges.values()):
            open_ended.add(node)
    return frozenset(wanted - open_ended)
