"""Side effects of a loop's turns, in the order of the turns.

A loop puts the same nodes into its graph once for each turn, as `turn0/save`, `turn1/save` and so on: nodes that differ
only in the first part of their name form a sequence. A node that waits for the one before it must never wait for
itself, so a node whose outputs others may read is in a sequence only if all that it reads was put there before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from graph.building.calls import Call
from graph.document.workflow import INSIDE
from graph.node_types.body import Body

T = TypeVar("T")


@dataclass(slots=True)
class _Sequence:
    nodes: list[str] = field(default_factory=list)
    settled: int = 0
    """So many of its first nodes have ended."""


class LoopOrder:
    """The sequences of a graph that runs in the place of a node. Called in a change of the run's schedule."""

    def __init__(self, calls: Sequence[Call], place: str) -> None:
        """`calls` are those outside of all streams, in the order in which they were put there."""
        self._places: dict[str, tuple[_Sequence, int]] = {}
        sequences: dict[tuple[str, str], _Sequence] = {}
        is_forward = _is_forward(calls)
        for call in calls:
            _, _, name = call.id.removeprefix(place + INSIDE).partition(INSIDE)
            if name and _has_effect(call) and (is_forward or not call.type.outputs):
                sequence = sequences.setdefault((name, call.type.id), _Sequence())
                self._places[call.id] = sequence, len(sequence.nodes)
                sequence.nodes.append(call.id)

    def before(self, nodes: Iterable[str], tasks: Mapping[str, T]) -> Iterator[T]:
        """The tasks of the nodes before one, which may have several names; the nearest first.

        Whoever takes all of them has found that they have ended: they are not looked at again.
        """
        found = [self._places[node] for node in nodes if node in self._places]
        if not found:
            return
        sequence, place = min(found, key=lambda each: each[1])
        for index in range(place - 1, sequence.settled - 1, -1):
            if (task := tasks.get(sequence.nodes[index])) is not None:
                yield task
        sequence.settled = max(sequence.settled, place)


def _has_effect(call: Call) -> bool:
    return call.type.side_effect or any(isinstance(value, Body) and value.effects for value in call.literals.values())


def _is_forward(calls: Sequence[Call]) -> bool:
    """Whether each call reads only such as come before it."""
    seen: set[str] = set()
    for call in calls:
        if not all(edge.node in seen for edge in call.edges.values()):
            return False
        seen.add(call.id)
    return True


NO_LOOP_ORDER = LoopOrder((), "")
