"""Which calls an edit made necessary, worked out without the engine's keys, marks and plans: for `session.py`.

What tells a call apart is told in `session_eyes.py`. The oracle evaluates a graph in the plainest way (in order, no
threads, no caching but of calls with equal values, which a node that keeps the laws answers equally), and asks
backwards from the targets. A call had to be made

- when somebody needed its result, and it was not known: by nothing that was asked before (same types and settings all
  the way up), nor by its values, which had to be made first then;
- when somebody who had to be called needed its value, and the value was no longer kept.

What is kept is the policy of `graph.results.storage_policy`, on sizes and times that are taken here: all values of
whole calls while a process lives; across a restart, and of items of streams, what took long and was dear for its
bytes. A call whose time lies within 40 % of a limit may have fallen on either side: then what the engine did is taken
to be right, and it is counted as unclear. The node that begins a stream has to be called whenever a target lies in its
stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from session_eyes import Eyes, Made, item_signature, short_hash

from graph.building.calls import Call, Graph
from graph.files.folders import Files
from graph.node_types.context import NodeContext, RunRecord
from graph.node_types.node_type import NodeType
from graph.results.storage_policy import SECONDS_OF_RECORDS, SECONDS_OF_VALUES, SECONDS_PER_BYTE

UNCLEAR = 1.4


@dataclass
class Need:
    """A call of a graph: what tells it apart, and what it reads."""

    signature: str
    recipe: str
    """The same without values: type, settings, and the recipes of what it reads."""
    sources: list[Need]
    value: Any = None
    is_stream: bool = False
    """Whether it begins a stream."""
    in_stream: bool = False
    """Whether it is a call for one item."""


class Oracle:
    """Knows what was called in a session, and so what another edit makes necessary."""

    def __init__(self, files: Files) -> None:
        self.eyes = Eyes(files)
        self.unclear = 0
        self._files = files
        self._values: dict[str, Any] = {}
        self._known: dict[str, Made] = {}
        """What is remembered, by recipe and by signature."""
        self._restarted: set[str] = set()
        """What a restart went over since: only what the disk took is left."""

    def restart(self) -> None:
        """The process ended, and another one goes on."""
        self._restarted = set(self._known)

    def needed(self, graph: Graph, seen: Eyes) -> set[str]:
        """The calls that had to be made for a graph, told after the session's engine has run it."""
        ends = _Evaluation(graph, self.eyes, self._files, self._values).ends()
        called = set(seen.calls)
        needed: set[str] = set()
        visited: list[Need] = []
        pending = [(need, False) for need in ends]
        looked_at: set[tuple[int, bool]] = set()
        while pending:  # backwards from the targets
            need, wants_value = pending.pop()
            if (id(need), wants_value) in looked_at:
                continue
            looked_at.add((id(need), wants_value))
            visited.append(need)
            if need.is_stream:
                needed.add(need.signature)
                pending += [(source, True) for source in need.sources]
                continue
            if need.signature in needed or self._is_kept(need.recipe, need.signature, wants_value, called):
                continue
            pending += [(source, False) for source in need.sources]
            if not self._is_kept(need.signature, need.signature, wants_value, called):
                needed.add(need.signature)
                pending += [(source, True) for source in need.sources]
        self._remember(visited, needed, seen)
        return needed

    def _remember(self, visited: Iterable[Need], needed: set[str], seen: Eyes) -> None:
        for need in visited:
            if need.is_stream:
                continue
            made = seen.made.get(need.signature)
            if made is None:
                continue
            made.is_item = made.is_item or need.in_stream
            fresh, from_disk = need.signature in needed, need.signature in self._restarted
            for key in (need.recipe, need.signature):
                if fresh:
                    self._restarted.discard(key)
                elif from_disk and key not in self._known:
                    self._restarted.add(key)
                if fresh or key not in self._known:
                    self._known[key] = made

    def _is_kept(self, key: str, signature: str, wants_value: bool, called: set[str]) -> bool:
        made = self._known.get(key)
        if made is None:
            return False
        limits: list[tuple[float, float]] = []
        has_value = wants_value and not made.is_effect
        if key in self._restarted:
            if made.has_handles:
                return False
            if not made.is_effect:
                limits.append((made.seconds, SECONDS_OF_RECORDS))
        if has_value and (made.is_item or key in self._restarted):
            limits += [(made.seconds, made.nbytes * SECONDS_PER_BYTE), (made.seconds, SECONDS_OF_VALUES)]
        if any(seconds * UNCLEAR <= limit for seconds, limit in limits):
            return False
        for seconds, limit in limits:
            if limit / UNCLEAR < seconds < limit * UNCLEAR:
                self.unclear += 1
                return signature not in called
        return True


class _Evaluation:
    """A graph, evaluated in order; every call beside its value."""

    def __init__(self, graph: Graph, eyes: Eyes, files: Files, values: dict[str, Any]) -> None:
        self._graph = graph
        self._eyes = eyes
        self._files = files
        self._values = values
        self._of: dict[str, Need | list[Need]] = {}
        """Node -> its call; for one in a stream, one for each item."""
        self._streams: list[Need] = []
        self._ends: list[Need] = []

    def ends(self) -> list[Need]:
        """The calls of the targets, and those that begin their streams."""
        for node, call in self._graph.calls.items():
            sources = {name: self._of[edge.node] for name, edge in call.edges.items()}
            rows = [len(found) for found in sources.values() if isinstance(found, list)]
            if call.type.streams:
                self._of[node] = self._stream(call, sources)
            elif rows:
                self._of[node] = [self._need(call, _row(sources, index)) for index in range(min(rows))]
            else:
                self._of[node] = self._need(call, sources)  # type: ignore[arg-type]
        for target in self._graph.targets:
            found = self._of[target]
            self._ends += [*found, *self._streams] if isinstance(found, list) else [found]
        return self._ends

    def _need(self, call: Call, sources: Mapping[str, Need]) -> Need:
        inputs = dict(call.literals)
        recipe = [call.type.id]
        for name, need in sources.items():
            edge = call.edges[name]
            value = need.value[edge.output]
            inputs[name] = edge.convert(value) if edge.convert else value
            recipe.append(f"{name}: {edge.output} of {need.recipe}")
        settings = self._eyes.signature(call.type, call.literals)
        signature = self._eyes.signature(call.type, inputs)
        in_stream = any(source.in_stream for source in sources.values())
        need = Need(signature, short_hash([*recipe, settings]), list(sources.values()), in_stream=in_stream)
        if not call.type.side_effect:
            need.value = self._value(call.type, signature, lambda: self._call(call, inputs))
        return need

    def _stream(self, call: Call, sources: Mapping[str, Any]) -> list[Need]:
        if sources:
            raise NotImplementedError("a stream whose settings come over edges")
        signature = self._eyes.signature(call.type, call.literals)
        self._streams.append(Need(signature, signature, [], is_stream=True))
        found = []
        for item in self._call(call, call.literals).items:
            own = item_signature(call.type, item)
            value = self._value(call.type, own, item.make)
            found.append(Need(own, own, [], value, in_stream=True))
        return found

    def _value(self, node_type: NodeType, signature: str, make: Callable[[], Any]) -> tuple[Any, ...]:
        if signature not in self._values:
            returned = make()
            self._eyes.note(node_type, signature, returned, 0.0)
            self._values[signature] = tuple(returned) if len(node_type.outputs) > 1 else (returned,)
        found: tuple[Any, ...] = self._values[signature]
        return found

    def _call(self, call: Call, inputs: Mapping[str, Any]) -> Any:
        context = {}
        if call.type.context_parameter:
            context = {call.type.context_parameter: NodeContext(self._files, RunRecord("oracle", dict, dict))}
        return call.type.function(**inputs, **context)


def _row(sources: Mapping[str, Any], index: int) -> dict[str, Need]:
    return {name: found[index] if isinstance(found, list) else found for name, found in sources.items()}
