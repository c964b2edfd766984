"""The types that flow through generic nodes, and the check of their edges.

In topological order, so that the types of everything that feeds a node are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from graph.base.errors import Problem
from graph.building import problems as problems
from graph.building.calls import Call, edge_of
from graph.building.problems import NodeLocation
from graph.node_types.generics import Binding
from graph.node_types.node_type import Output


def follow_types(
    order: Iterable[str], waiting: Mapping[str, list[str]], calls: Mapping[str, Call], at: Callable[[str], NodeLocation]
) -> list[Problem]:
    """Check the edges into and out of generic nodes; return the problems.

    `waiting` holds generic nodes and their readers: node id -> the inputs whose edges are not checked yet.
    """
    found: list[Problem] = []
    known: dict[str, tuple[Output, ...]] = {}
    for node_id in order:
        if node_id not in waiting:
            continue
        call = calls[node_id]
        arriving: dict[str, Output] = {}
        for name in waiting[node_id]:
            edge = call.edges[name]
            outputs = known.get(edge.node) or calls[edge.node].type.outputs
            arriving[name] = outputs[edge.output]
        binding = Binding(call.type, arriving, call.literals)
        known[node_id] = binding.outputs(call.type)
        for clash in binding.clashes:
            source = at(call.edges[clash.input].node) if clash.input in call.edges else None
            found.append(problems.clash_of_types(at(node_id), clash, source))
        refused = {clash.input for clash in binding.clashes}
        found += [
            problem
            for name, output in arriving.items()
            if name not in refused and (problem := _close(call, name, output, binding, at)) is not None
        ]
    return found


def _close(
    call: Call, name: str, output: Output, binding: Binding, at: Callable[[str], NodeLocation]
) -> Problem | None:
    edge, item = call.edges[name], call.type.by_name[name]
    fit = binding.fit(output, item)
    if not fit.ok:
        return problems.wrong_edge(at(call.id), item, at(edge.node), output, fit)
    if fit.convert is not None or output.is_list or item.collects:
        call.edges[name] = edge_of(edge.node, edge.output, output, item, fit)
    return None
