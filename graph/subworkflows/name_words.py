"""Finds the values of workflow words in file names: `%node title or type.input%`.

Before a graph is built, the value of each word becomes one more input of the node, named `%KSampler.seed%`: a literal,
or a reference to what feeds the input that the word means. So it is part of the node's key, and computed values arrive
over an edge. A word is searched first among the nodes beside the node (in its instance of a sub-workflow), then further
out, then anywhere; titles take precedence over types. Unknown words are left for `graph.building.build` to refuse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

from graph.document.workflow import INSIDE, Mode, Node, Reference
from graph.files.name_patterns import values_named
from graph.node_types.node_type import REQUIRED, Input, NodeType
from graph.node_types.registry import Registry
from graph.node_types.sockets import BOOLEAN, FLOAT, INT, STRING, union
from graph.node_types.widgets import Text

Place = tuple[str, str]
"""Node and input."""
_KINDS = union((INT, FLOAT, STRING, BOOLEAN))
_MOST_WORDS = 2_000
_ANYWHERE = INSIDE
"""No scope has this name."""
_MOST_STEPS = 100
"""How many nodes a text is followed through that pass it on."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An inlined instance of a sub-workflow: its names, and the inner inputs that its inputs lead to, by path."""

    title: str
    types: tuple[str, ...]
    inputs: Mapping[str, tuple[Place, ...]]


class WordValue(NamedTuple):
    """A word in a file name that a node writes, the input that it means, and the value of that input."""

    node: str
    word: str
    """Including both `%`."""
    place: Place | None
    value: Any


def _no_instances() -> Mapping[str, Instance]:
    return {}


@dataclass(slots=True)
class WordResolver:
    """Finds the input that a word means, among some nodes."""

    nodes: Mapping[str, Node]
    registry: Registry
    find_instances: Callable[[], Mapping[str, Instance]] = _no_instances
    _instances: Mapping[str, Instance] | None = None
    _called: Mapping[Place, list[str]] | None = None
    _words: Sequence[str] = ()
    _found: dict[Place, Place | None] = field(default_factory=dict)

    @property
    def instances(self) -> Mapping[str, Instance]:
        """The inlined instances, by path; computed on demand."""
        if self._instances is None:
            self._instances = self.find_instances()
        return self._instances

    def find(self, at: str, word: str) -> Place | None:
        """Return the input that a word means in the scope of a node; None when it means none."""
        scope = at.rpartition(INSIDE)[0]
        if (scope, word) not in self._found:
            self._found[scope, word] = self._look_for(scope, word)
        return self._found[scope, word]

    def words(self) -> Sequence[str]:
        """Return the words that exist, for suggestions."""
        if not self._words:
            self._words = tuple(islice(self._all_words(), _MOST_WORDS))
        return self._words

    def _all_words(self) -> Iterator[str]:
        for instance in self.instances.values():
            yield from (f"{instance.title or instance.types[0]}.{socket}" for socket in instance.inputs)
        for node in self.nodes.values():
            node_type = self.registry.get(node.type)
            for item in node_type.inputs if node_type else ():
                if item.widget is not None:
                    yield f"{node.title or node.type}.{item.name}"

    def _look_for(self, scope: str, word: str) -> Place | None:
        name, _, socket = word.rpartition(".")
        called = self._by_name()
        while True:
            for path in called.get((scope, name), ()):
                place = self._place(path, socket)
                if place is not None:
                    return place
            if not scope:
                break
            scope = scope.rpartition(INSIDE)[0]
        return next((place for path in called.get((_ANYWHERE, name), ()) if (place := self._place(path, socket))), None)

    def _by_name(self) -> Mapping[Place, list[str]]:
        """Return paths by scope and name, those with the name as title before those with it as type."""
        if self._called is None:
            self._called = called = defaultdict(list)
            known: list[tuple[str, str, tuple[str, ...]]]
            known = [(path, node.title, (node.type,)) for path, node in self.nodes.items()]
            known += [(path, each.title, each.types) for path, each in self.instances.items()]
            for names in ((lambda title, _: (title,)), (lambda _, types: types)):
                for path, title, types in known:
                    for name in filter(None, names(title, types)):
                        called[path.rpartition(INSIDE)[0], name].append(path)
                        called[_ANYWHERE, name].append(path)
        return self._called

    def _place(self, path: str, socket: str) -> Place | None:
        """Return an input of a node, or the inner input that an input of an instance leads to."""
        if path in self.instances:
            return next(iter(self.instances[path].inputs.get(socket, ())), None)
        node_type = self.registry.get(self.nodes[path].type)
        known = socket in (self.nodes[path].inputs if node_type is None else node_type.by_name)
        return (path, socket) if known else None

    def value(self, place: Place) -> Any:
        """Return the value of an input: a literal as the node receives it, or a reference; REQUIRED if there is none.

        A reference to a node that passes a literal on stands for that literal.
        """
        value = self._written(*place)
        for _ in range(_MOST_STEPS):
            giver = self.nodes.get(value.node) if isinstance(value, Reference) else None
            giver_type = self.registry.get(giver.type) if giver is not None and giver.mode is Mode.ACTIVE else None
            behind = self._written(value.node, giver_type.hands_on) if giver_type and giver_type.hands_on else REQUIRED
            if behind is REQUIRED:
                break
            value = behind
        return value

    def _written(self, path: str, socket: str) -> Any:
        node = self.nodes[path]
        node_type = self.registry.get(node.type)
        item = node_type.by_name.get(socket) if node_type is not None else None
        value = node.inputs.get(socket, REQUIRED if item is None else item.default)
        if item is not None and item.type is INT and type(value) is float and value.is_integer():
            return int(value)
        return float(value) if item is not None and item.type is FLOAT and type(value) is int else value


def find_words(around: WordResolver, beyond: Callable[[str], Any] | None = None) -> Iterator[WordValue]:
    """Find the words in the names of files that some nodes write, as far as they mean something.

    `beyond` returns the value of a word that means nothing among these nodes.
    """
    for path, node in around.nodes.items():
        node_type = around.registry.get(node.type)
        if node_type is None or not node_type.named or node.mode is not Mode.ACTIVE:
            continue
        for item in node_type.named:
            pattern = around.value((path, item.name))
            if not isinstance(pattern, str) or "%" not in pattern:
                continue
            for word in values_named(pattern, own_words(item)):
                place = around.find(path, word)
                if place is not None:
                    yield WordValue(path, f"%{word}%", place, around.value(place))
                elif beyond is not None:
                    yield WordValue(path, f"%{word}%", None, beyond(word))


def with_words(nodes: Mapping[str, Node], found: Iterable[WordValue]) -> Mapping[str, Node]:
    """Return nodes with an input for each word in their file names."""
    inputs: dict[str, dict[str, Any]] = {}
    for each in found:
        if each.value is not REQUIRED:
            inputs.setdefault(each.node, {})[each.word] = each.value
    if not inputs:
        return nodes
    return {
        path: node.with_inputs({**node.inputs, **inputs[path]}) if path in inputs else node
        for path, node in nodes.items()
    }


def own_words(item: Input) -> tuple[str, ...]:
    """Return the words that the node itself fills in."""
    return item.widget.words if isinstance(item.widget, Text) else ()


def type_with_words(node_type: NodeType, words: Iterable[str]) -> NodeType:
    """Return a node type with an input for each word."""
    names = tuple(dict.fromkeys(words))
    inputs = [Input(name, _KINDS, widget=Text(), tooltip="A word in the name of a file") for name in names]
    return replace(node_type, inputs=(*node_type.inputs, *inputs), words=names)
