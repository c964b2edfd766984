"""Which calls an edit made necessary, worked out without the engine's keys, marks and plans: for `session.py`.

A call is identified by what really goes in: its node type, and a digest of the values of its inputs. A model handle is
identified by the call that gave it. The oracle evaluates a graph in the plainest way (in order, no threads, no
caching but of calls with equal values, which a node that keeps the laws answers equally), and asks backwards from the
targets. A call had to be made

- when somebody needed its result, and it was not known: by nothing that was asked before (same types and settings all
  the way up), nor by its values, which had to be made first then;
- when somebody who had to be called needed its value, and the value was no longer kept.

What is kept is the policy of `graph.worth`, on sizes and times that are taken here: all values of whole calls while a
process lives; across a restart, and of items of streams, what took long and was dear for its bytes. A call whose time
lies within 40 % of a limit may have fallen on either side: then what the engine did is taken to be right, and it is
counted as unclear. The node that begins a stream has to be called whenever a target lies in its stream.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from graph.calls import Call, Graph
from graph.context import NodeContext, RunRecord
from graph.files import Files
from graph.flow import Item, Items
from graph.node_types import NodeType
from graph.registry import Registry
from graph.widgets import FileChoice
from graph.worth import SECONDS_OF_RECORDS, SECONDS_OF_VALUES, SECONDS_PER_BYTE

UNCLEAR = 1.4


@dataclass
class Made:
    """A call that was made: what it took, and what it left."""

    seconds: float
    nbytes: int
    has_handles: bool
    is_item: bool
    is_effect: bool


class Eyes:
    """Looks at what goes into calls and comes out of them. Of the session's engine, it notes every call."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.calls: list[str] = []
        self.made: dict[str, Made] = {}
        self._origins: dict[int, tuple[str, object]] = {}
        """Model handle -> the call that gave it; the handle is held, so that its number stays its own."""

    def watched(self, registry: Registry) -> Registry:
        """A registry of the same node types that notes what is called."""
        found = Registry()
        for node_type in registry:
            found.add(dataclasses.replace(node_type, function=self._watch(node_type)))
        return found

    def _watch(self, node_type: NodeType) -> Callable[..., Any]:
        def called(**inputs: Any) -> Any:
            began = time.perf_counter()
            signature = self.signature(node_type, inputs)
            returned = node_type.function(**inputs)
            if node_type.streams:
                self.calls.append(signature)
                return dataclasses.replace(returned, items=self._items(node_type, returned))
            self.note(node_type, signature, returned, time.perf_counter() - began)
            self.calls.append(signature)
            return returned

        return called

    def _items(self, node_type: NodeType, items: Items) -> Iterator[Item]:
        for item in items.items:
            yield Item(item.key, lambda item=item: self._make(node_type, item))

    def _make(self, node_type: NodeType, item: Item) -> Any:
        began = time.perf_counter()
        returned = item.make()
        signature = item_signature(node_type, item)
        self.note(node_type, signature, returned, time.perf_counter() - began, is_item=True)
        self.calls.append(signature)
        return returned

    def note(
        self, node_type: NodeType, signature: str, returned: Any, seconds: float, *, is_item: bool = False
    ) -> None:
        """Keep in mind what a call took and gave."""
        handles = [part for part in _leaves(returned) if not _is_plain(part)]
        for number, handle in enumerate(handles):
            self._origins.setdefault(id(handle), (f"{signature}/{number}", handle))
        nbytes = sum(part.nbytes for part in _leaves(returned) if isinstance(part, torch.Tensor))
        self.made[signature] = Made(seconds, nbytes, bool(handles), is_item, node_type.side_effect)

    def signature(self, node_type: NodeType, inputs: Mapping[str, Any]) -> str:
        """What tells a call apart: its type and the values that go in."""
        parts = [node_type.id]
        for name, value in sorted(inputs.items()):
            if name == node_type.context_parameter:
                continue
            parts.append(f"{name}={self.digest(value)}")
            if isinstance(node_type.by_name[name].widget, FileChoice):
                status = self.files.path(node_type.by_name[name].widget.folder, value).stat()
                parts.append(f"{status.st_size}, {status.st_mtime_ns}")
        return f"{node_type.id} {_hash(parts)}"

    def digest(self, value: Any) -> str:
        """A digest of a value, by its content."""
        if isinstance(value, torch.Tensor):
            data = value.detach().contiguous().numpy()
            return f"{data.dtype}{data.shape}{hashlib.sha256(data.tobytes()).hexdigest()}"
        if isinstance(value, dict):
            return _hash([f"{key!r}: {self.digest(item)}" for key, item in value.items()])
        if isinstance(value, list | tuple):
            return _hash([type(value).__name__, *map(self.digest, value)])
        return repr(value) if _is_plain(value) else self._origins[id(value)][0]


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
        need = Need(signature, _hash([*recipe, settings]), list(sources.values()), in_stream=in_stream)
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


def item_signature(node_type: NodeType, item: Item) -> str:
    """What tells an item of a stream apart."""
    return f"{node_type.id} item {item.key!r}"


def _row(sources: Mapping[str, Any], index: int) -> dict[str, Need]:
    return {name: found[index] if isinstance(found, list) else found for name, found in sources.items()}


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part)
    else:
        yield value


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, torch.Tensor | str | int | float | bool)


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
