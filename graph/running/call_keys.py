"""What has arrived for a call: the marks of its inputs, and the keys that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.building.calls import Edge
from graph.caching.keys import FreshKey, next_key, shallow_key
from graph.node_types.context import Artifact
from graph.node_types.digests import digest
from graph.node_types.flow import BLOCK
from graph.planning.lookup import PartOf
from graph.planning.tasks import CallTask, Stream
from graph.results.result import RECIPE, Fingerprint, Key
from graph.running.crew import Crew


@dataclass(slots=True)
class CallInputs:
    """What has arrived for a call, and what it was called with."""

    fingerprints: Mapping[str, Fingerprint | None]
    """What identifies the value of each input that is not a literal; lazy ones only when they are there."""
    shallow: Key | None = None
    began: float = 0.0
    artifacts: list[Artifact] | None = None
    """What the node shows, if it can."""
    acts: Sequence[Callable[[], None]] = ()
    """What the node does for good, in its turn."""


class CallKeys:
    """Works out what identifies calls, and what they give."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew

    def fingerprints_of(self, cell: CallTask) -> Mapping[str, Fingerprint | None]:
        """What identifies the value of each input that is not a literal; of lazy ones only when they are there."""
        call = cell.call
        fingerprints: dict[str, Fingerprint | None] = {name: given.fingerprint for name, given in call.given.items()}
        missing = unasked(cell)
        for name, edge in call.edges.items():
            if name in missing:
                continue
            source = self.crew.planner.source(cell, name, edge)
            if isinstance(source, Stream):
                fingerprints[name] = self.fingerprint_of_stream(source, edge)
            else:
                fingerprints[name] = source.result.fingerprints[edge.output] if source.result is not None else None
        return fingerprints

    def find_unkeyed(self, cell: CallTask) -> bool:
        """See whether what a cell reads, and so what it gives, does not follow from its deep key."""
        missing = unasked(cell)
        edges = [(name, edge) for name, edge in cell.call.edges.items() if name not in missing]
        cell.unkeyed = any(self.crew.planner.source(cell, name, edge).unkeyed for name, edge in edges)
        return cell.unkeyed

    def shallow_key_of(self, cell: CallTask, fingerprints: Mapping[str, Fingerprint | None]) -> Key | None:
        """The key over what has arrived, without lazy inputs; None when there is none."""

        def value_of(name: str) -> object:
            edge = cell.call.edges[name]
            values = self.crew.values_of(self.crew.planner.cell(cell.frame.home(edge.node), edge.node))
            return values[edge.output] if values else None

        return shallow_key(cell.call, fingerprints, value_of, self.crew.files)

    def fingerprint_of_stream(self, stream: Stream, edge: Edge) -> Fingerprint | None:
        """What identifies the list of all items that an edge brings."""
        if stream.blocked:
            return self.crew.fingerprint_of(BLOCK)
        return fingerprint_of_items(fingerprint for _, _, fingerprint in stream.collected[edge.node, edge.output])

    def fingerprint_of_output(self, cell: CallTask, arrival: CallInputs, value: Any, index: int) -> Fingerprint | None:
        """What identifies an output: its content; the recipe of the call where it has none."""
        fingerprint = self.crew.fingerprint_of(value)
        if fingerprint is not None:
            return fingerprint
        key = cell.key if type(cell.key) is not FreshKey and not cell.unkeyed else arrival.shallow
        return None if key is None else RECIPE + digest(key, b"%d" % index)

    def keys_of(self, cell: CallTask, arrival: CallInputs) -> list[Key]:
        """All keys that a result, or a question, belongs under."""
        keys = self.deep_keys_of(cell)
        shallow = arrival.shallow
        if shallow is not None and cell.call.type.lazies:
            shallow = _along(shallow, cell, arrival.fingerprints.get)
        if shallow is not None:
            keys.append(shallow)
        return keys

    def deep_keys_of(self, cell: CallTask) -> list[Key]:
        """The deep key that a result belongs under, if any: for lazy calls that at the end of what they asked for."""
        if cell.unkeyed:
            return []
        key: Key | None = cell.key
        if cell.call.type.lazies and cell.call.edges and (cell.extra is None or cell.extra.make is None):
            key = _along(self.crew.memory.base_key(cell), cell, self.crew.memory.key_part(cell))
        return [] if key is None or type(key) is FreshKey else [key]


def unasked(cell: CallTask) -> tuple[str, ...]:
    """The lazy inputs on edges that nobody has asked for."""
    lazies = cell.call.type.lazies
    if not lazies:
        return ()
    asked = {name for names in cell.extra.asked for name in names} if cell.extra is not None else ()
    return tuple(name for name in lazies if name in cell.call.edges and name not in asked)


def _along(key: Key | None, cell: CallTask, part_of: PartOf) -> Key | None:
    """From the key of the first question to where the answers given so far lead."""
    for name in [name for names in cell.more().asked for name in names]:
        part = part_of(name)
        if key is None or part is None or type(key) is FreshKey:
            return None
        key = next_key(key, name, part)
    return key


def fingerprint_of_items(fingerprints: Iterable[Fingerprint | None]) -> Fingerprint | None:
    """What identifies a list of items."""
    found = list(fingerprints)
    known = [fingerprint for fingerprint in found if fingerprint is not None]
    return digest(b"each", *known) if len(known) == len(found) else None
