"""A graph that runs in the place of the node that returned it: on the way in, and on the way out."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Protocol

from graph.base.errors import NodeError
from graph.building.stream_groups import find_stream_groups
from graph.caching.keys import FreshKey, cache_keys
from graph.document.workflow import INSIDE
from graph.node_types.expansion import Expand
from graph.node_types.flow import BLOCK, GivenValue
from graph.planning.loop_order import LoopOrder
from graph.planning.plan import Demand, Source
from graph.planning.tasks import CallTask, Frame, GraphInstance
from graph.results.result import Fingerprint
from graph.running import call_checks
from graph.running.call_keys import CallInputs, fingerprint_of_items
from graph.running.crew import Crew
from graph.running.expansion_graph import inner_graph
from graph.scheduling.lanes import State


class Hands(Protocol):
    """What is done with the outer cell."""

    def wait(self, cell: CallTask, sources: Iterable[Source], demand: Demand) -> None:
        """It waits for some more."""

    def make_again(self, cell: CallTask, lost: list[CallTask]) -> None:
        """It waits for results whose values are gone."""

    def finish(
        self, cell: CallTask, values: tuple[Any, ...], arrival: CallInputs, seconds: float,
        fingerprints: tuple[Fingerprint | None, ...] | None = None, *, keep: bool = True,
    ) -> None:  # fmt: skip
        """It has its outputs."""


class Inside:
    """Runs graphs in the place of nodes."""

    def __init__(self, crew: Crew, hands: Hands) -> None:
        self.crew = crew
        self.hands = hands

    def go_in(self, cell: CallTask, expand: Expand, arrival: CallInputs) -> None:
        """Begin with the graph; the outer cell waits for it."""
        crew, outer = self.crew, cell.frame
        graph, outputs = inner_graph(
            cell.call, cell.id, outer.region.depth + 1, expand, crew.registry, crew.files, crew.fingerprint_of
        )
        if graph is None:
            values, fingerprints = tuple(each.value for each in outputs), tuple(each.fingerprint for each in outputs)
            call_checks.check_outputs(cell.call.type, values)
            self.hands.finish(cell, values, arrival, time.perf_counter() - arrival.began, fingerprints)
            return
        crew.land(cell, None)  # an equal node expands by itself; what is inside is shared
        scopes = find_stream_groups(graph)
        placed = [call for name in expand.nodes if (call := graph.calls.get(cell.id + INSIDE + name)) is not None]
        rows = LoopOrder([call for call in placed if call.id not in scopes.of], cell.id)
        region = GraphInstance(graph, scopes, outer.region.depth + 1, tuple(call.id for call in placed), rows)
        _refuse_streams_inside_streams(region, outputs)
        frame = Frame(region, cache_keys(graph, crew.files), outer.path)
        frame.owner = cell
        extra = cell.more()
        extra.inner, extra.outputs, extra.arrival = frame, outputs, arrival
        with crew.schedule.lock:
            demand, sources = crew.planner.lay_out_all(frame, graph.targets)
            frame.total = frame.open
            for inner in dict.fromkeys(frame.cells.values()):
                if inner.state is State.DONE:
                    crew.account.remembered(inner)
            self.hands.wait(cell, sources, demand)

    def come_out(self, cell: CallTask, frame: Frame) -> None:
        """The graph in a node's place is done: what it gave is what the node gives."""
        crew, extra = self.crew, cell.more()
        arrival: CallInputs = extra.arrival
        graph = frame.region.graph
        values: list[Any] = []
        fingerprints: list[Fingerprint | None] = []
        lost: list[CallTask] = []
        for output in extra.outputs:
            if isinstance(output, GivenValue):
                values.append(output.value)
                fingerprints.append(output.fingerprint)
                continue
            group = frame.region.scopes.stream_of(output[0])
            if group is not None:
                stream = crew.planner.stream(frame, group, output)
                items = stream.collected[output]
                values.append(BLOCK if stream.blocked else [value for _, value, _ in items])
                fingerprints.append(
                    crew.fingerprint_of(BLOCK)
                    if stream.blocked
                    else fingerprint_of_items(fingerprint for _, _, fingerprint in items)
                )
                continue
            inner = frame.cells[output[0]]
            found = crew.values_of(inner)
            if found is None:
                lost.append(inner)
                continue
            values.append(found[output[1]])
            fingerprints.append(inner.result.fingerprints[output[1]] if inner.result else None)
        if lost:
            self.hands.make_again(cell, lost)
            return
        arrival.artifacts = [*(arrival.artifacts or ()), *crew.account.hand_over(frame.region.order, frame.path)]
        if _is_unkeyed(frame):
            cell.unkeyed = crew.any_unkeyed = True
        extra.inner, extra.outputs = None, ()
        call_checks.check_outputs(cell.call.type, tuple(values))
        with crew.schedule.lock:
            for target in graph.targets:
                if target in frame.cells:
                    frame.cells[target].let_go()
            frame.dissolve()
        self.hands.finish(
            cell,
            tuple(values),
            arrival,
            time.perf_counter() - arrival.began,
            tuple(fingerprints),
            keep=not cell.unkeyed,
        )


def _is_unkeyed(frame: Frame) -> bool:
    """Whether what a graph gives does not follow from its keys, as with something impure in it or an item left out."""
    cells = (frame.cells[target] for target in frame.region.graph.targets if target in frame.cells)
    streams = (stream for found in frame.streams.values() for stream in found)
    is_fresh = any(type(frame.keys[target]) is FreshKey for target in frame.region.graph.targets)
    return is_fresh or any(cell.unkeyed for cell in cells) or any(stream.unkeyed for stream in streams)


def _refuse_streams_inside_streams(region: GraphInstance, outputs: tuple[Any, ...]) -> None:
    for output in outputs:
        group = None if isinstance(output, GivenValue) else region.scopes.stream_of(output[0])
        if group is not None and group.parent is not None:
            message = f"the graph that it expands to gives out {output[0]}, which is in a stream inside of a stream"
            raise NodeError(message, remedy="collect the inner stream in a list first")
