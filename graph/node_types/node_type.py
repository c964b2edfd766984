"""Node types as data: their inputs, outputs, and what an author said about them.

How a function's signature is read is told in `graph.node_types.signature`; `graph.node_types.decorator` makes node
types of functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from graph.files.folders import Files
from graph.node_types.sockets import SocketType
from graph.node_types.widgets import Label, Text, Widget

Lane = Literal["cpu", "io", "device"]


class Missing:
    """The default of an input that must be given."""

    def __repr__(self) -> str:
        return "required"


REQUIRED = Missing()


class DependencyScanner(Protocol):
    """Whoever looks at what packs depend on. `turn` is raised when a run begins: then it looks again."""

    generation: int


class Dependencies(Protocol):
    """What the code of a pack's node types depends on; `graph.packs.dependencies` works it out."""

    @property
    def scanner(self) -> DependencyScanner:
        """Who looks at it."""

    @property
    def unknown_because(self) -> str:
        """Why nobody can tell whether it is unchanged; empty while somebody can."""

    def check(self) -> None:
        """See whether it is unchanged."""


NO_LABEL = Label()


class NodeDefinitionError(TypeError):
    """A node function cannot be read as a node type; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a node type. `optional` inputs may stay unconnected and are then `None`.

    A `lazy` input is worked out only when the body asks for it. One that `collects` gets all items of a stream as a
    list; its `type` is that of an item.
    """

    name: str
    type: SocketType
    default: object = REQUIRED
    widget: Widget | None = None
    optional: bool = False
    tooltip: str = ""
    label: Label = NO_LABEL
    lazy: bool = False
    collects: bool = False

    @property
    def title(self) -> str:
        """What a person reads beside the socket."""
        return self.label.text or self.name.replace("_", " ").strip().capitalize()


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a node type.

    An output that gives `each` is a stream: what reads it runs once for each item. `is_list` says that its value is a
    list; `type` is that of an item in both cases.
    """

    name: str
    type: SocketType
    tooltip: str = ""
    each: bool = False
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class NodeType:
    """A node type as the engine, the editor and the command line see it."""

    id: str
    title: str
    category: str
    help: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    function: Callable[..., Any] = field(repr=False)
    version: int = 1
    side_effect: bool = False
    cache: bool = True
    lane: Lane = "cpu"
    fingerprint: Callable[..., object] | None = field(default=None, repr=False)
    fingerprint_takes_files: bool = False
    context_parameter: str | None = None
    returns_tuple: bool = False
    is_async: bool = False
    code: str = ""
    module: str = ""
    aliases: tuple[str, ...] = ()
    experimental: bool = False
    deprecated: bool = False
    writes: str = ""
    """The kind of folder that the node writes new files into."""
    hands_on: str = ""
    """The input that the one output is, unchanged."""
    words: tuple[str, ...] = ()
    """The inputs that a call has besides those of its type, for the words in the names of its files: '%node.input%'."""
    recipe: bytes = field(default=b"", repr=False, compare=False)
    dependencies: Dependencies | None = field(default=None, repr=False, compare=False)
    """What the pack that it belongs to stands on."""
    by_name: Mapping[str, Input] = field(init=False, repr=False, compare=False)
    output_index: Mapping[str, int] = field(init=False, repr=False, compare=False)
    lazies: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """The names of the lazy inputs."""
    streams: bool = field(init=False, repr=False, compare=False)
    """Whether an output is a stream."""
    generic: bool = field(init=False, repr=False, compare=False)
    """Whether the type of an output is that of what flows in."""
    named: tuple[Input, ...] = field(init=False, repr=False, compare=False)
    """The inputs that say how the names of files begin."""

    def __post_init__(self) -> None:
        derived = {
            "by_name": {item.name: item for item in self.inputs},
            "output_index": {item.name: index for index, item in enumerate(self.outputs)},
            "lazies": tuple(item.name for item in self.inputs if item.lazy),
            "streams": any(item.each for item in self.outputs),
            "generic": any(item.type.generic for item in self.outputs),
            "named": tuple(item for item in self.inputs if isinstance(item.widget, Text) and item.widget.file_name),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)  # frozen: there is no other way to fill in what follows from the rest

    def external_state(self, literals: Mapping[str, Any], files: Files) -> object:
        """What the author's `fingerprint` says that the result depends on besides the inputs; it may raise anything."""
        if self.fingerprint is None:
            return None
        if self.words:
            literals = {name: value for name, value in literals.items() if name not in self.words}
        return (
            self.fingerprint(**literals, files=files) if self.fingerprint_takes_files else self.fingerprint(**literals)
        )
