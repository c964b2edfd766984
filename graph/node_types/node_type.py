"""Node types as data: `NodeType`, `Input`, `Output`.

`graph.node_types.signature` reads them from a function's signature; `graph.node_types.make_node_type` checks them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from graph.node_types.sockets import SocketType
from graph.node_types.widgets import FileChoice, Label, Text, Widget

Lane = Literal["cpu", "io", "device"]


class Missing:
    """The default of a required input."""

    def __repr__(self) -> str:
        return "required"


REQUIRED = Missing()


class DependencyScanner(Protocol):
    """Scans what packs depend on. `generation` is raised at the start of a run: then it scans again."""

    generation: int


class Dependencies(Protocol):
    """What the code of a pack's node types depends on; implemented in `graph.packs.dependencies`."""

    @property
    def scanner(self) -> DependencyScanner:
        """The scanner that these dependencies belong to."""

    @property
    def unknown_because(self) -> str:
        """Why it is unknown whether they are unchanged; empty while it is known."""

    def check(self) -> None:
        """Check whether they are unchanged."""


NO_LABEL = Label()


class NodeDefinitionError(TypeError):
    """A node type cannot be made of a function; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a node type. `optional` inputs may stay unconnected and are then `None`.

    A `lazy` input is computed only when the body requests it. An input that `collects` receives all items of a stream
    as a list; its `type` is that of an item.
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
        """The label beside the socket."""
        return self.label.text or self.name.replace("_", " ").strip().capitalize()


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a node type.

    An output with `each` is a stream: nodes that read it run once for each item. With `is_list` its value is a list.
    In both cases `type` is that of an item.
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
    """The folder kind that the node writes new files into."""
    hands_on: str = ""
    """The input that the one output returns unchanged."""
    words: tuple[str, ...] = ()
    """Further inputs of a call, one for each workflow word in its file names: '%node.input%'."""
    recipe: bytes = field(default=b"", repr=False, compare=False)
    dependencies: Dependencies | None = field(default=None, repr=False, compare=False)
    """The dependencies of the pack that the node comes from."""
    by_name: Mapping[str, Input] = field(init=False, repr=False, compare=False)
    output_index: Mapping[str, int] = field(init=False, repr=False, compare=False)
    lazies: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """The names of the lazy inputs."""
    streams: bool = field(init=False, repr=False, compare=False)
    """Whether the outputs are streams."""
    generic: bool = field(init=False, repr=False, compare=False)
    """Whether an output has a type variable."""
    loads: bool = field(init=False, repr=False, compare=False)
    """Whether an input chooses a file of some kinds."""
    named: tuple[Input, ...] = field(init=False, repr=False, compare=False)
    """The inputs that are the beginnings of file names."""

    def __post_init__(self) -> None:
        derived = {
            "by_name": {item.name: item for item in self.inputs},
            "output_index": {item.name: index for index, item in enumerate(self.outputs)},
            "lazies": tuple(item.name for item in self.inputs if item.lazy),
            "streams": any(item.each for item in self.outputs),
            "generic": any(item.type.generic for item in self.outputs),
            "loads": any(isinstance(item.widget, FileChoice) and item.widget.fits for item in self.inputs),
            "named": tuple(item for item in self.inputs if isinstance(item.widget, Text) and item.widget.file_name),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)  # frozen: there is no other way to set derived fields
