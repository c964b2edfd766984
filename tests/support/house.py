"""An engine of toys and of the node types that a test adds to them, with what was called and what was told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from graph.document.workflow import Node, Reference, Workflow
from graph.engine import Engine, Outcome
from graph.files.folders import Files
from graph.running import events
from tests.support.toys import Recorder, toy_registry, type_from

E = TypeVar("E", bound=events.Event)


class House:
    """An engine of toys and of what a test adds to them, with what was called."""

    def __init__(self, files: Files, **options: Any) -> None:
        self.recorder = Recorder()
        self.registry = toy_registry(self.recorder)
        self.files, self.options = files, options
        self.told: list[events.Event] = []
        self.engine = Engine(self.registry, files, **options)

    def add(self, function: Callable[..., Any], **options: Any) -> None:
        """One more node type."""
        self.registry.add(type_from(function, **options))

    def run(self, nodes: Mapping[str, Node], targets: list[str] | None = None, **options: Any) -> Outcome:
        """Run some nodes; what is told is in `told`."""
        self.told.clear()
        return self.engine.run(Workflow(nodes), targets, listener=self.told.append, **options)

    def calls(self) -> list[str]:
        """What was called since the last time, sorted."""
        return sorted(self.recorder.take())

    def of(self, kind: type[E]) -> list[E]:
        """The events of a kind."""
        return [event for event in self.told if isinstance(event, kind)]

    def ends(self) -> dict[str, str]:
        """Node -> how its part in the run ended; a list of them where that was told more than once."""
        names = {
            events.NodeFinished: "finished", events.NodeReused: "reused", events.NodeFailed: "failed",
            events.NodeSkipped: "skipped", events.NodeCancelled: "cancelled",
        }  # fmt: skip
        ends: dict[str, str] = {}
        for event in self.told:
            if type(event) in names:
                node = event.node  # type: ignore[attr-defined]
                ends[node] = f"{ends[node]}, {names[type(event)]}" if node in ends else names[type(event)]
        return ends


def add(name: str, *sources: Reference, number: int = 0, kind: str = "Add") -> Node:
    """An `Add` that is fed by some outputs."""
    return Node(kind, {"name": name, "number": number, **{f"in{i}": ref for i, ref in enumerate(sources)}})


def out(node: str, output: str = "INT") -> Reference:
    """An output of a node."""
    return Reference(node, output)
