"""What a workflow gives, worked out as plainly as it can be said: no cache, no parallelism, recursion allowed.

A node inside streams has a value for each *place*: the number of the item in each of its streams, outermost first. Its
outcome there is `Gives`, `BLOCKED` or `Fails`; a failure knows how many streams it lies inside of, because one inside
an item takes only that item with it where the stream keeps going, and one that came from outside takes everything.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graph.api import BLOCK, Item, Items, Lazy, NodeContext, Registry
from graph.document.workflow import Node, Reference
from graph.files.folders import Files
from graph.node_types.context import RunRecord
from graph.node_types.expansion import Expand
from graph.node_types.flow import GivenValue, NeedsInputs
from graph.node_types.node_type import Input, NodeType

Place = tuple[int, ...]


@dataclass(frozen=True)
class Gives:
    """A value for each output; for a node that opens a stream, its items."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Fails:
    """The node, or something that it needs, failed inside so many streams."""

    depth: int


BLOCKED = "blocked"
Outcome = Gives | Fails | str


class Evaluation:
    """One run of some nodes. Ask `target` for each target; `trouble` then says whether anything failed."""

    def __init__(self, nodes: Mapping[str, Node], registry: Registry, run_id: str = "") -> None:
        self.nodes, self.registry, self.run_id = nodes, registry, run_id
        self.trouble = False
        self.empty = False
        """Whether a stream had no items: then nothing here asks for those that are paired with it."""
        self.outcome = cache(self._outcome)
        self.streams = cache(self._streams)

    def target(self, node_id: str) -> Mapping[str, Any] | str:
        """The value of every output as a run gives it; else "failed" or "blocked"."""
        found = self.whole(node_id)
        if isinstance(found, Gives):
            names = [output.name for output in self.type(node_id).outputs]
            return BLOCKED if BLOCK in found.values else dict(zip(names, found.values, strict=True))
        return "failed" if isinstance(found, Fails) else found

    def whole(self, node_id: str) -> Outcome:
        """A node as a target: lists of values for one inside a stream."""
        outputs = range(len(self.type(node_id).outputs))
        if not self.leaf_streams(node_id):
            return self.outcome(node_id, ())
        found = [self.collected(node_id, index, ()) for index in outputs] or [self.collected(node_id, None, ())]
        failed = next((item for item in found if not isinstance(item, Gives)), None)
        return failed or Gives(tuple(item.values[0] for item in found if isinstance(item, Gives))[: len(outputs)])

    # Where a node lies

    def type(self, node_id: str) -> NodeType:
        found = self.registry.get(self.nodes[node_id].type)
        assert found is not None
        return found

    def edges(self, node_id: str) -> dict[str, Reference]:
        return {name: value for name, value in self.nodes[node_id].inputs.items() if isinstance(value, Reference)}

    def _streams(self, node_id: str) -> tuple[str, ...]:
        """The sources of the streams that a node is inside of, outermost first."""
        inside = [self.streams_at(node_id, name, edge) for name, edge in self.edges(node_id).items()]
        return max(inside, key=len, default=())

    def leaf_streams(self, node_id: str) -> tuple[str, ...]:
        """The streams that what a node gives is inside of."""
        return (*self.streams(node_id), node_id) if self.type(node_id).streams else self.streams(node_id)

    def streams_at(self, node_id: str, name: str, edge: Reference) -> tuple[str, ...]:
        """The streams that an input brings a node into."""
        found = self.leaf_streams(edge.node)
        return found[:-1] if self.collects(node_id, name, edge) else found

    def collects(self, node_id: str, name: str, edge: Reference) -> bool:
        source = self.type(edge.node)
        is_list = source.outputs[source.output_index[edge.output]].is_list
        return self.type(node_id).by_name[name].collects and bool(self.leaf_streams(edge.node)) and not is_list

    # What a node gives

    def leaf(self, node_id: str, output: int, place: Place) -> Outcome:
        """One output of a node, or of an item of its stream, at a place."""
        if self.type(node_id).streams:
            items = self.items(node_id, place[:-1])
            found = items[place[-1]] if isinstance(items, list) else items
        else:
            found = self.outcome(node_id, place)
        if isinstance(found, Gives):
            return BLOCKED if found.values[output] is BLOCK else Gives((found.values[output],))
        return found

    def items(self, node_id: str, place: Place) -> list[Outcome] | Outcome:
        """The items of a stream that begins at a place."""
        opened = self.outcome(node_id, place)
        return opened.values[0][0] if isinstance(opened, Gives) else opened

    def keeps_going(self, node_id: str, place: Place) -> bool:
        opened = self.outcome(node_id, place)
        return isinstance(opened, Gives) and bool(opened.values[0][1])

    def collected(self, node_id: str, output: int | None, place: Place) -> Outcome:
        """All items of an output at a place, as one list; without an output, only whether it gets there."""
        source = self.leaf_streams(node_id)[len(place)]
        items = self.items(source, place)
        if not isinstance(items, list):
            return items
        self.empty = self.empty or not items
        values: list[Any] = []
        failed: Fails | None = None
        for index in range(len(items)):
            at = (*place, index)
            if len(self.leaf_streams(node_id)) > len(at):
                found = self.collected(node_id, None, at)
            else:
                found = self.outcome(node_id, at) if output is None else self.leaf(node_id, output, at)
            if isinstance(found, Gives):
                values += found.values
            elif isinstance(found, Fails) and (found.depth <= len(place) or not self.keeps_going(source, place)):
                failed = failed or Fails(min(found.depth, len(place)))
        return failed or Gives((values,))

    def _outcome(self, node_id: str, place: Place) -> Outcome:
        """What comes of a node at a place."""
        node_type, inputs = self.type(node_id), dict[str, Any]()
        if unequal := self._unequal(node_id, place):
            return unequal
        arrived = {
            name: self._input(node_id, name, edge, place)
            for name, edge in self.edges(node_id).items()
            if name not in node_type.lazies
        }
        stopped = [found for found in arrived.values() if not isinstance(found, Gives)]
        failed = [found for found in stopped if isinstance(found, Fails)]
        if failed:
            return min(failed, key=lambda found: found.depth)
        if stopped:
            return BLOCKED
        for item in node_type.inputs:
            value = self.nodes[node_id].inputs.get(item.name, item.default)
            if isinstance(value, GivenValue):
                if value.value is BLOCK:
                    return BLOCKED
                inputs[item.name] = value.value
            elif isinstance(value, Reference):
                if item.name in arrived:
                    inputs[item.name] = _single(item, arrived[item.name])
            else:
                inputs[item.name] = value
        if node_type.context_parameter is not None:
            inputs[node_type.context_parameter] = NodeContext(Files(), RunRecord(self.run_id))
        return self._call(node_id, node_type, inputs, place)

    def _call(self, node_id: str, node_type: NodeType, inputs: dict[str, Any], place: Place) -> Outcome:
        """Call a node until it asks for nothing more."""
        while True:
            given = {
                name: Lazy(name, inputs[name], there=True) if name in inputs else Lazy(name)
                for name in node_type.lazies
            }
            try:
                returned = node_type.function(**{**inputs, **given})
                if inspect.iscoroutine(returned):
                    returned = asyncio.run(returned)
                if node_type.streams:
                    return Gives(((self._listed(node_type, returned, place), _keeps_going(returned)),))
                return self._inside(node_type, returned, place)
            except NeedsInputs as needs:
                asked = {name: self._input(node_id, name, self.edges(node_id)[name], place) for name in needs.names}
                stopped = [found for found in asked.values() if not isinstance(found, Gives)]
                if stopped:
                    return next((found for found in stopped if isinstance(found, Fails)), BLOCKED)
                inputs.update({name: _single(node_type.by_name[name], found) for name, found in asked.items()})
            except Exception:  # noqa: BLE001 - whatever a node raises ends that node
                self.trouble = True
                return Fails(len(place))

    def _input(self, node_id: str, name: str, edge: Reference, place: Place) -> Outcome:
        output = self.type(edge.node).output_index[edge.output]
        depth = len(self.leaf_streams(edge.node))
        if self.collects(node_id, name, edge):
            return self.collected(edge.node, output, place[: depth - 1])
        return self.leaf(edge.node, output, place[:depth])

    def _unequal(self, node_id: str, place: Place) -> Fails | None:
        """A failure of the streams that meet in a node and have not equally many items."""
        for level in range(len(place)):
            inside = [self.streams_at(node_id, name, edge) for name, edge in self.edges(node_id).items()]
            found = [self.items(streams[level], place[:level]) for streams in inside if len(streams) > level]
            counts = {len(items) if isinstance(items, list) else -1 for items in found}
            self.trouble = self.trouble or len(counts) > 1
            if len(counts - {-1}) > 1:
                return Fails(level)
        return None

    def _listed(self, node_type: NodeType, returned: Any, place: Place) -> list[Outcome]:
        """The items of a stream."""
        found: list[Outcome] = []
        for number, item in enumerate(returned.items if isinstance(returned, Items) else returned):
            try:
                made = item.make() if isinstance(item, Item) else item
            except Exception:  # noqa: BLE001 - the item's own failure
                self.trouble = True
                found.append(Fails(len(place) + 1))
                continue
            found.append(Gives(tuple(made) if node_type.returns_tuple else (made,)))
            assert number < 1000
        return found

    def _inside(self, node_type: NodeType, returned: Any, place: Place) -> Outcome:
        """What a node returned, or what the graph gives that it returned."""
        if not isinstance(returned, Expand):
            values = () if not node_type.outputs else tuple(returned) if node_type.returns_tuple else (returned,)
            return Gives(values)
        given = {
            name: node.with_inputs({key: _given(value) for key, value in node.inputs.items()})
            for name, node in returned.nodes.items()
        }
        inner = Evaluation(given, self.registry, self.run_id)
        effects = [name for name in given if inner.type(name).side_effect]
        wanted = [value for value in returned.outputs.values() if isinstance(value, Reference)]
        ends = {name: inner.whole(name) for name in [*effects, *(value.node for value in wanted)]}
        self.trouble, self.empty = self.trouble or inner.trouble, self.empty or inner.empty
        if any(isinstance(end, Fails) for end in ends.values()):
            return Fails(len(place))
        values = []
        for value in returned.outputs.values():
            if isinstance(value, Reference):
                end = ends[value.node]
                index = inner.type(value.node).output_index[value.output]
                values.append(end.values[index] if isinstance(end, Gives) else BLOCK)
            else:
                values.append(value)
        return Gives(tuple(values))


def _single(item: Input, found: Outcome) -> Any:
    assert isinstance(found, Gives)
    (value,) = found.values
    return [value] if item.collects and not isinstance(value, list) else value


def _given(value: Any) -> Any:
    plain = isinstance(value, Reference | str | int | float | bool | type(None))
    return value if plain else GivenValue(value, None)


def _keeps_going(returned: Any) -> bool:
    return isinstance(returned, Items) and returned.keep_going
