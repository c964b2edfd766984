"""Toy nodes, graphs from one line of text, and a recorder of what was called: what tests of the engine are made of.

    recorder = Recorder()
    workflow = workflow_from_text("a -> b, a -> c, c -> save:Keep")
    Engine(toy_registry(recorder)).run(workflow)
    assert recorder.calls == ["a", "b", "c", "save"]

Most toys have an input `name`, which a graph from text fills with the node's id: it is what the recorder notes. Two
nodes that shall be equal get the same name. Nothing here sleeps: a `Wait` node stands still until its gate is opened.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, update_wrapper
from types import CellType, FunctionType
from typing import Annotated, Any, Literal, NamedTuple

from graph.api import ANY, Artifact, FileChoice, NodeContext, NodeError, Number, Registry, Seed, SocketType, node
from graph.document.workflow import Mode, Node, Reference, Workflow
from graph.node_types.node_type import NodeType

PATIENCE = 20
"""Seconds after which a test that waits for another thread gives up; nothing ever takes as long."""

MODULUS = 1_000_003


class Recorder:
    """What toy nodes were called, in order, and the gates that hold some of them. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: dict[tuple[str, str], threading.Event] = {}
        self.calls: list[str] = []
        self.threads: dict[str, str] = {}
        self.running: set[str] = set()
        self.most_at_once = 0

    def begin(self, name: str) -> None:
        """A node was called."""
        with self._lock:
            self.calls.append(name)
            self.threads[name] = threading.current_thread().name
            self.running.add(name)
            self.most_at_once = max(self.most_at_once, len(self.running))
        self._event("began", name).set()

    def end(self, name: str) -> None:
        """A node is about to return."""
        with self._lock:
            self.running.discard(name)

    def wait_until_called(self, name: str) -> None:
        """Return once a node was called."""
        assert self._event("began", name).wait(PATIENCE), f"{name} was never called"

    def open_gate(self, *names: str) -> None:
        """Let `Wait` nodes go on, now or when they come."""
        for name in names:
            self._event("gate", name).set()

    def stand_at_gate(self, name: str) -> None:
        """What a `Wait` node does."""
        assert self._event("gate", name).wait(PATIENCE), f"nobody opened the gate of {name}"

    def take(self) -> list[str]:
        """The calls since the last time."""
        with self._lock:
            calls, self.calls = self.calls, []
        return calls

    def _event(self, kind: str, name: str) -> threading.Event:
        with self._lock:
            return self._events.setdefault((kind, name), threading.Event())


class Box:
    """A value that can be watched with a weak reference."""

    def __init__(self, content: object = None) -> None:
        self.content = content


BOX = SocketType("BOX", lambda value: "" if isinstance(value, Box) else f"a {type(value).__name__}", "a box")
Boxed = Annotated[Box, BOX]
OptionalInt = Annotated[int | None, Number(), "One of the numbers to add"]


class Parts(NamedTuple):
    """Two outputs of two types."""

    whole: Annotated[int, "The number itself"]
    half: float


class Named(NamedTuple):
    """One output with a name of its own."""

    answer: int


def mix(number: int, values: list[int | None]) -> int:
    """What `Add` computes: depends on every value and on its place, and stays small."""
    for value in values:
        number = (number * 31 + (0 if value is None else value + 1)) % MODULUS
    return number


def toy_types(recorder: Recorder) -> list[NodeType]:
    """All toy node types; they note their calls in `recorder`."""
    return [replace(node_type, function=_noting(node_type.function, recorder)) for node_type in _defined_once()]


def _noting(function: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    """A toy's function, with this recorder in place of the one that it was defined with."""
    names = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    cells = tuple(CellType(recorder) if name == "recorder" else cell for name, cell in names)
    copy = FunctionType(function.__code__, function.__globals__, argdefs=function.__defaults__, closure=cells)
    return update_wrapper(copy, function)


@cache
def _defined_once() -> list[NodeType]:
    """The toys. Their signatures are read once: hundreds of tests have toys of their own."""
    return _define(Recorder())


def _define(recorder: Recorder) -> list[NodeType]:

    @node("Add", category="toys")
    def add(
        name: str = "",
        number: int = 0,
        in0: OptionalInt = None,
        in1: OptionalInt = None,
        in2: OptionalInt = None,
        in3: OptionalInt = None,
        in4: OptionalInt = None,
        in5: OptionalInt = None,
    ) -> int:
        """Mix some numbers."""
        recorder.begin(name)
        recorder.end(name)
        return mix(number, [in0, in1, in2, in3, in4, in5])

    @node("Pass", category="toys")
    def pass_on(in0: OptionalInt = None, in1: OptionalInt = None, name: str = "") -> int:
        """Give the first number as it is; stands well for a bypassed node."""
        recorder.begin(name)
        recorder.end(name)
        return in0 or 0

    @node("Device", category="toys", lane="device")
    def device(name: str = "", in0: OptionalInt = None, in1: OptionalInt = None) -> int:
        """An `Add` on the device lane."""
        recorder.begin(name)
        recorder.end(name)
        return mix(0, [in0, in1])

    @node("Wait", category="toys")
    def wait(name: str = "", in0: OptionalInt = None) -> int:
        """Stand still until the gate is opened."""
        recorder.begin(name)
        recorder.stand_at_gate(name)
        recorder.end(name)
        return mix(0, [in0])

    @node("WaitDevice", category="toys", lane="device")
    def wait_device(name: str = "", in0: OptionalInt = None) -> int:
        """A `Wait` on the device lane."""
        recorder.begin(name)
        recorder.stand_at_gate(name)
        recorder.end(name)
        return mix(0, [in0])

    @node("WaitCancelled", category="toys")
    def wait_cancelled(context: NodeContext, name: str = "", in0: OptionalInt = None) -> int:
        """Stand still until the gate is opened, then look whether the run was cancelled."""
        recorder.begin(name)
        recorder.stand_at_gate(name)
        recorder.end(name)
        context.check_cancelled()
        return mix(0, [in0])

    @node("Fail", category="toys")
    def fail(
        name: str = "",
        how: Literal["plain", "node_error", "exit", "interrupt", "silent"] = "plain",
        in0: OptionalInt = None,
        in1: OptionalInt = None,
    ) -> int:
        """Raise."""
        recorder.begin(name)
        recorder.end(name)
        if how == "node_error":
            raise NodeError("the yarn is torn", input="in0", remedy="mend the yarn")
        if how == "exit":
            raise SystemExit(3)
        if how == "interrupt":
            raise KeyboardInterrupt
        raise ValueError("" if how == "silent" else "the loom is on fire")

    @node("Impure", category="toys", cache=False)
    def impure(name: str = "", in0: OptionalInt = None) -> int:
        """Give another number every time."""
        recorder.begin(name)
        recorder.end(name)
        return len(recorder.calls)

    @node("Keep", category="toys", side_effect=True)
    def keep(name: str = "", in0: OptionalInt = None, in1: OptionalInt = None) -> None:
        """A side effect that leaves nothing behind."""
        recorder.begin(name)
        recorder.end(name)

    @node("Show", category="toys", side_effect=True)
    def show(context: NodeContext, value: int, name: str = "") -> None:
        """Write a number to a file in the output folder and show it."""
        recorder.begin(name)
        (context.files.root("output") / f"{name}.txt").write_text(str(value))
        context.show(Artifact("output", f"{name}.txt", "text/plain"))
        recorder.end(name)

    @node("Split", category="toys")
    def split(value: int, name: str = "") -> Parts:
        """Two outputs."""
        recorder.begin(name)
        recorder.end(name)
        return Parts(value, value / 2)

    @node("Name", category="toys")
    def named(value: int, name: str = "") -> Named:
        """One output that has a name."""
        recorder.begin(name)
        recorder.end(name)
        return Named(value)

    @node("Type", category="toys")
    def type_of(value: float, name: str = "") -> str:
        """Name the Python type of what arrived at a FLOAT."""
        recorder.begin(name)
        recorder.end(name)
        return type(value).__name__

    @node("Any", category="toys")
    def anything(value: Any = None, name: str = "") -> Any:
        """Pass anything on."""
        recorder.begin(name)
        recorder.end(name)
        return value

    @node("Choose", category="toys")
    def choose(context: NodeContext, file: Annotated[str, FileChoice("input")], name: str = "") -> str:
        """Read a text file from the input folder."""
        recorder.begin(name)
        recorder.end(name)
        return context.files.path("input", file).read_text()

    @node("Text", category="toys")
    def text(text: str = "", name: str = "") -> str:
        """Give a text."""
        recorder.begin(name)
        recorder.end(name)
        return text

    @node("Colour", category="toys")
    def colour(colour: Literal["red", "green", "blue"] = "red", name: str = "") -> str:
        """Choose a colour."""
        recorder.begin(name)
        recorder.end(name)
        return colour

    @node("Seeded", category="toys")
    def seeded(seed: Annotated[int, Seed()], name: str = "") -> int:
        """Give the seed."""
        recorder.begin(name)
        recorder.end(name)
        return seed

    @node("Limited", category="toys")
    def limited(steps: Annotated[int, Number(1, 10)] = 5, strength: Annotated[float, Number(0, 1)] = 0.5) -> float:
        """Two limited numbers."""
        return steps * strength

    @node("Box", category="toys")
    def box(name: str = "", in0: Boxed | None = None) -> Boxed:
        """A value that can be watched."""
        recorder.begin(name)
        recorder.end(name)
        return Box(name)

    @node("Unbox", category="toys")
    def unbox(one: Boxed, two: Boxed, name: str = "") -> str:
        """Needs two boxes, which may be the same one."""
        recorder.begin(name)
        recorder.end(name)
        return f"{one.content}{two.content}"

    @node("Lie", category="toys")
    def lie(what: Literal["too few", "too many", "a list", "one", "wrong type"], name: str = "") -> Parts:
        """Return something else than the signature says."""
        recorder.begin(name)
        recorder.end(name)
        answers: dict[str, Any] = {
            "too few": (1,), "too many": (1, 2.0, 3), "a list": [1, 2.0], "one": 1, "wrong type": ("1", 2.0)
        }  # fmt: skip
        return answers[what]

    @node("Pair", category="toys")
    def pair(name: str = "") -> Annotated[tuple[int, int], SocketType("PAIR")]:
        """One output whose value is a tuple."""
        return (1, 2)

    @node("Progress", category="toys")
    def progress(context: NodeContext, name: str = "", in0: OptionalInt = None) -> int:
        """Tell its progress."""
        recorder.begin(name)
        for step in (1, 2, 3):
            context.progress(step, 3, lambda: b"\xff\xd8\xffpicture")
        recorder.end(name)
        return 0

    found = [value for value in locals().values() if callable(value) and hasattr(value, "__node_type__")]
    return [function.__node_type__ for function in found]


def toy_registry(recorder: Recorder | None = None) -> Registry:
    """A registry of all toys."""
    registry = Registry()
    for node_type in toy_types(recorder or Recorder()):
        registry.add(node_type)
    return registry


def type_from(function: Callable[..., Any], **options: Any) -> NodeType:
    """The node type of a function that a test writes; id `Toy` unless told otherwise."""
    decorated: Any = node(options.pop("id", "Toy"), category="toys", **options)(function)
    node_type: NodeType = decorated.__node_type__
    return node_type


_LITERALS = frozenset({"name", "number", "how", "file", "text", "colour", "seed", "what", "steps", "strength"})
_SPOT = re.compile(r"^(?P<id>[\w ]+?)(?::(?P<type>\w+))?(?P<mode>[?!]?)(?:\.(?P<socket>\w+))?$")
_MODES = {"": Mode.ACTIVE, "!": Mode.MUTED, "?": Mode.BYPASSED}
_REGISTRY = toy_registry()


def workflow_from_text(
    text: str, *, default: str = "Add", inputs: Mapping[str, Mapping[str, Any]] | None = None
) -> Workflow:
    """A workflow from edges in text: `"a -> b, a -> c:Keep, b.half -> d:Show.value"`.

    Where a node is first named, `:Type` says its type (else `default`), and `!` mutes or `?` bypasses it. `.socket`
    names an output or an input; else an edge leads from the first output to the first input that is free. A name on its
    own is a node without edges. `inputs` sets literals: `{"a": {"number": 3}}`.
    """
    types: dict[str, str] = {}
    modes: dict[str, Mode] = {}
    filled: dict[str, dict[str, Any]] = {}
    for edge in filter(None, map(str.strip, text.split(","))):
        spots = [_SPOT.match(spot.strip()) for spot in edge.split("->")]
        for spot in spots:
            assert spot is not None, f"{edge!r} is not an edge"
            if spot["id"] not in types:
                types[spot["id"]] = spot["type"] or default
                known = _REGISTRY.get(types[spot["id"]])
                filled[spot["id"]] = {"name": spot["id"]} if known and "name" in known.by_name else {}
            if spot["mode"]:
                modes[spot["id"]] = _MODES[spot["mode"]]
        for source, reader in itertools.pairwise(spots):
            output = source["socket"] if source is spots[0] else None
            reference = Reference(source["id"], output or _first_output(types[source["id"]]))
            filled[reader["id"]][reader["socket"] or _free_input(types[reader["id"]], filled[reader["id"]])] = reference
    for node_id, literals in (inputs or {}).items():
        filled[node_id].update(literals)
    nodes = {
        node_id: Node(node_type, filled[node_id], mode=modes.get(node_id, Mode.ACTIVE))
        for node_id, node_type in types.items()
    }
    return Workflow(nodes)


def _first_output(type_id: str) -> str:
    known = _REGISTRY.get(type_id)
    return known.outputs[0].name if known and known.outputs else "nothing"


def _free_input(type_id: str, filled: Mapping[str, Any]) -> str:
    known = _REGISTRY.get(type_id)
    names = [item.name for item in known.inputs] if known else ["in0", "in1"]
    return next(name for name in names if name not in filled and name not in _LITERALS)


__all__ = [
    "ANY", "BOX", "PATIENCE", "Box", "Recorder", "mix", "toy_registry", "toy_types", "type_from", "workflow_from_text"
]  # fmt: skip
