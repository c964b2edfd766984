"""What identifies a call and what it gives: the fingerprints of its inputs, and the keys that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from graph.building.calls import Edge
from graph.caching.keys import FreshKey, next_key, shallow_key
from graph.node_types.digests import digest
from graph.node_types.flow import BLOCK
from graph.planning.call_stages import CallInputs
from graph.planning.lookup import Memory, PartOf
from graph.planning.plan import Planner, Source
from graph.planning.tasks import CallTask, Stream
from graph.results.result import RECIPE, Fingerprint, Key


class CallKeys:
    """Works out the keys of the calls that a planner holds."""

    def __init__(self, planner: Planner, memory: Memory) -> None:
        self._planner = planner
        self._memory = memory

    def inputs_of(self, task: CallTask) -> CallInputs:
        """What has arrived for a call; of its lazy inputs those that were requested."""
        return CallInputs(self.fingerprints_of(task, self.sources_of(task)))

    def sources_of(self, task: CallTask) -> dict[str, Source]:
        """What brings each input that an edge feeds; of the lazy inputs those that were requested."""
        find, missing = self._planner.source, unrequested(task)
        sources: dict[str, Source] = {}
        for name, edge in task.call.edges.items():
            if name not in missing:
                sources[name] = find(task, name, edge)
        return sources

    def fingerprints_of(self, task: CallTask, sources: Mapping[str, Source]) -> dict[str, Fingerprint | None]:
        """What identifies the value of each input that is not a literal.

        Notes on the call whether one of its inputs is not covered by its deep key.
        """
        call = task.call
        fingerprints: dict[str, Fingerprint | None] = {}
        if call.given:
            fingerprints.update((name, given.fingerprint) for name, given in call.given.items())
        for name, source in sources.items():
            edge = call.edges[name]
            if source.unkeyed:
                task.unkeyed = True
            if isinstance(source, Stream):
                fingerprints[name] = self.fingerprint_of_stream(source, edge)
            else:
                result = source.result
                fingerprints[name] = result.fingerprints[edge.output] if result is not None else None
        return fingerprints

    def shallow_key_of(self, task: CallTask, inputs: CallInputs) -> Key | None:
        """The key over what has arrived, without lazy inputs; None when there is none."""
        return shallow_key(task.call, inputs.fingerprints, partial(self._value_of, task), self._memory.files)

    def _value_of(self, task: CallTask, name: str) -> object:
        edge = task.call.edges[name]
        values = self._memory.values_of(self._planner.task(task.frame.home(edge.node), edge.node))
        return values[edge.output] if values else None

    def fingerprint_of_stream(self, stream: Stream, edge: Edge) -> Fingerprint | None:
        """What identifies the list of all items that an edge brings."""
        if stream.blocked:
            return self._memory.fingerprint_of(BLOCK)
        return fingerprint_of_items(fingerprint for _, _, fingerprint in stream.collected[edge.node, edge.output])

    def fingerprint_of_output(
        self, task: CallTask, inputs: CallInputs, value: object, index: int
    ) -> Fingerprint | None:
        """What identifies an output: its content; the recipe of the call where it has none."""
        fingerprint = self._memory.fingerprint_of(value)
        if fingerprint is not None:
            return fingerprint
        key = task.key if type(task.key) is not FreshKey and not task.unkeyed else inputs.shallow
        return None if key is None else RECIPE + digest(key, b"%d" % index)

    def keys_of(self, task: CallTask, inputs: CallInputs) -> list[Key]:
        """All keys that a result, or a request for inputs, belongs under."""
        keys = self.deep_keys_of(task)
        shallow = inputs.shallow
        if shallow is not None and task.call.type.lazies:
            shallow = _along(shallow, task, inputs.fingerprints.get)
        if shallow is not None:
            keys.append(shallow)
        return keys

    def deep_keys_of(self, task: CallTask) -> list[Key]:
        """The deep key that a result belongs under, if any: for lazy calls that at the end of what they requested."""
        if task.unkeyed:
            return []
        key: Key | None = task.key
        if task.call.type.lazies and task.call.edges and task.make is None:
            key = _along(self._memory.base_key(task), task, self._memory.key_part(task))
        return [] if key is None or type(key) is FreshKey else [key]


def unrequested(task: CallTask) -> tuple[str, ...]:
    """The lazy inputs on edges that the node has not requested."""
    lazies = task.call.type.lazies
    if not lazies:
        return ()
    return tuple(name for name in lazies if name in task.call.edges and name not in task.asked)


def _along(key: Key | None, task: CallTask, part_of: PartOf) -> Key | None:
    """From the key of the first request to where the inputs that came since lead."""
    for name in task.asked:
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
