"""The events that a run publishes: frozen records in the past tense, numbered from 1 within each run.

A listener that has seen number n needs only what is numbered higher. Every event is JSON-ready through `as_json`
but for the bytes of a preview.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any

from graph.base.errors import Problem
from graph.caching.call_history import Reason
from graph.node_types.context import Artifact
from graph.node_types.warnings import NodeWarning


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a run."""

    run: str
    number: int

    def as_json(self) -> dict[str, Any]:
        """The event as JSON-ready data; a preview is given by its size."""
        name, facts, read = _shape(type(self))  # type: ignore[arg-type]  # a class can be a key
        described: dict[str, Any] = {"event": name}
        for fact, value in zip(facts, read(self), strict=True):
            described[fact] = value if type(value) in _PLAIN else _plain(value)
        if not described.get("keys", True):
            del described["keys"]
        return described


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """A run began. `to_run` nodes will be called; `blocked` ones are held up by a muted node, or not installed.

    `reused` ones need not be called, because their result is remembered, or that of everything that reads them. A node
    that is in none of these lists is read only by lazy inputs or by items of a stream, and is reported when it is
    needed.
    """

    targets: tuple[str, ...]
    to_run: tuple[str, ...]
    reused: tuple[str, ...]
    blocked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeStarted(Event):
    """A node was called; `reason` says why its result could not be reused."""

    node: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class NodeProgressed(Event):
    """A node got further: `value` of `maximum`. `preview` is an encoded picture or None."""

    node: str
    value: float
    maximum: float
    preview: bytes | None = None


@dataclass(frozen=True, slots=True)
class NodeFinished(Event):
    """A node returned. `seconds` is what it took; `artifacts` is what it made to look at.

    `keys` are given for nodes that made something and have no outputs: what the result is remembered under, as hex.
    """

    node: str
    seconds: float
    artifacts: tuple[Artifact, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeReused(Event):
    """A node was not called. Published for nodes with something to show, and of those that were going to be called.

    `how`: its result is "remembered", it got the "same inputs" as before, or an "equal node" ran.
    """

    node: str
    artifacts: tuple[Artifact, ...] = ()
    how: str = "remembered"


@dataclass(frozen=True, slots=True)
class NodeWarned(Event):
    """A node warned of something, or is reused and had done so. Lists all that it warned of so far.

    `warnings` are the different ones, and `more` is how many of them are not listed.
    """

    node: str
    warnings: tuple[NodeWarning, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class NodeFailed(Event):
    """A node raised, or returned something that does not fit its outputs."""

    node: str
    problem: Problem
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class ItemFinished(Event):
    """An item of a stream got through a node that has something to show. `item` counts from 0, outer stream first.

    `keys` are as in `NodeFinished`.
    """

    node: str
    item: tuple[int, ...]
    seconds: float
    artifacts: tuple[Artifact, ...] = ()
    reused: bool = False
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemFailed(Event):
    """An item of a stream failed at a node, and the others go on."""

    node: str
    item: tuple[int, ...]
    problem: Problem
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class NodeSkipped(Event):
    """A node did not run: `because`, which it needs, failed, was cancelled, or stopped its branch quietly."""

    node: str
    because: str


@dataclass(frozen=True, slots=True)
class NodeCancelled(Event):
    """A node stopped because the run was cancelled."""

    node: str


@dataclass(frozen=True, slots=True)
class RunDraining(Event):
    """Only reading and writing is left to do: another run may have the device."""


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    """A run ended. `status` is finished, failed or cancelled."""

    status: str
    seconds: float


_PLAIN = frozenset({str, int, float, bool, type(None)})
_DESCRIBED = (Problem, Reason, NodeWarning)


def name_of(kind: type[Event]) -> str:
    """The name of a kind of event in JSON."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in kind.__name__).lstrip("_")


@cache
def _shape(kind: type[Event]) -> tuple[str, tuple[str, ...], Callable[[Event], tuple[Any, ...]]]:
    """The name of a kind of event in JSON, the names of what it says, and what reads that from an event."""
    names = tuple(item.name for item in fields(kind))
    return name_of(kind), names, attrgetter(*names)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, _DESCRIBED):
        return value.as_json()
    if isinstance(value, Artifact):
        labelled = {"label": value.label} if value.label else {}
        return {"folder": value.folder, "name": value.name, "media": value.media, **labelled}
    return {"bytes": len(value)} if isinstance(value, bytes) else value
