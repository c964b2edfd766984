"""Topological order in linear time, without recursion; where there is none, the cycles."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def topological_order(sources: Mapping[str, Collection[str]]) -> tuple[list[str], list[list[str]]]:
    """Order nodes so that each comes after its sources (Kahn's algorithm).

    `sources` maps each node to the nodes that feed it; sources that are no keys of it are ignored. Returns the order of
    the nodes that are in no cycle and behind none, and one cycle for each strongly connected component.
    """
    readers: dict[str, list[str]] = {node: [] for node in sources}
    waiting = dict.fromkeys(sources, 0)
    for node, feeding in sources.items():
        for source in set(feeding):
            if source in readers:
                readers[source].append(node)
                waiting[node] += 1
    order = [node for node, count in waiting.items() if count == 0]
    for node in order:
        for reader in readers[node]:
            waiting[reader] -= 1
            if waiting[reader] == 0:
                order.append(reader)
    if len(order) == len(sources):
        return order, []
    return order, _cycles({node: sources[node] for node, count in waiting.items() if count > 0})


def _cycles(stuck: Mapping[str, Collection[str]]) -> list[list[str]]:
    import networkx as nx  # only when there is a cycle: importing networkx costs more than a small run

    whole = nx.DiGraph((source, node) for node, feeding in stuck.items() for source in feeding if source in stuck)
    knots = [whole.subgraph(knot) for knot in sorted(nx.strongly_connected_components(whole), key=min)]
    return [[source for source, _ in nx.find_cycle(knot, min(knot))] for knot in knots if knot.number_of_edges()]
