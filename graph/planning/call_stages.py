"""How a call goes on: one tagged value, and the table of what may follow what.

A stage that waits says what for, and with what the call goes on. `graph.running.evaluation` has the step that is taken
from each stage, `graph.running.driver` what entering a stage does to the run.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from graph.building.calls import Graph
from graph.node_types.context import Artifact
from graph.results.result import Fingerprint, Key
from graph.scheduling.lanes import Task


@dataclass(slots=True)
class CallInputs:
    """What has arrived for a call, and what it was called with."""

    fingerprints: Mapping[str, Fingerprint | None]
    """What identifies the value of each input that is not a literal; lazy ones only when they are there."""
    shallow: Key | None = None
    """The key over these, if there is one and it was asked for."""
    began: float = 0.0
    unfinished: Key | None = None
    """The key under which what it has worked out so far lies, if it asked for a place."""
    artifacts: list[Artifact] | None = None
    """What the node shows, if it can."""
    deferred_effects: Sequence[Callable[[], None]] = ()
    """What the node does for good, in the order of items."""


class Ready(NamedTuple):
    """What it waited for is there: it is looked up, and else called."""


class WaitsForEqual(NamedTuple):
    """An equal call is at work, here or in another run."""

    key: Key
    then: Stage
    """The stage to go on with when the other call gave no result."""


class WaitsForInputs(NamedTuple):
    """Lazy inputs were requested: it is looked up again when they are there."""

    names: tuple[str, ...]


class WaitsForValues(NamedTuple):
    """Results of other tasks have lost their values, which are made again."""

    lost: Sequence[Task]
    then: Stage


class NotCached(NamedTuple):
    """No result answers: the inputs are read and checked."""

    inputs: CallInputs
    sources: Mapping[str, Any]
    """The call or the stream that brings each input which an edge feeds."""


class Calls(NamedTuple):
    """The inputs are there; the node's function is called."""

    inputs: CallInputs
    arguments: dict[str, Any]


class BodyRuns(NamedTuple):
    """The async function of the node is at work."""

    inputs: CallInputs
    body: Coroutine[Any, Any, Any]


class GraphRuns(NamedTuple):
    """A graph that the node returned runs in its place."""

    inputs: CallInputs
    graph: Graph
    outputs: tuple[Any, ...]
    """For each output of the node where it comes from: a place in the graph, or a `GivenValue`."""


class EffectsDue(NamedTuple):
    """The function returned; its deferred effects come next, if it is this call's turn."""

    inputs: CallInputs
    values: tuple[Any, ...]
    seconds: float
    keys: tuple[Key, ...]
    """The keys that it led, by which equal calls find each other."""
    has_waited: bool = False


class WaitsForTurn(NamedTuple):
    """Calls for earlier items have not had their effects yet."""

    due: EffectsDue


class HasOutputs(NamedTuple):
    """The node gave its outputs: they are cached."""

    inputs: CallInputs
    values: tuple[Any, ...]
    seconds: float
    fingerprints: tuple[Fingerprint | None, ...] | None = None
    """What identifies them, if something other than the node's function gave them."""
    is_kept: bool = True


class Done(NamedTuple):
    """It has its result, or the stream that it opened."""


class Blocked(NamedTuple):
    """Its branch was stopped quietly: it was not called."""

    because: str


class Stopped(NamedTuple):
    """It has no result, because of a node: itself, or one that it needs."""

    because: str
    depth: int
    """Inside of how many streams that node lies."""


Stage = (
    Ready | WaitsForEqual | WaitsForInputs | WaitsForValues | NotCached | Calls | BodyRuns | GraphRuns | EffectsDue
    | WaitsForTurn | HasOutputs | Done | Blocked | Stopped
)  # fmt: skip

READY, DONE = Ready(), Done()

_LOOKED_UP = {WaitsForEqual, WaitsForInputs, NotCached, Done, Blocked, Stopped}
_CALLED = {WaitsForInputs, BodyRuns, GraphRuns, EffectsDue, HasOutputs, Done, Stopped}
TRANSITIONS: dict[type, set[type]] = {
    Ready: _LOOKED_UP,
    WaitsForEqual: _LOOKED_UP | {EffectsDue},
    WaitsForInputs: _LOOKED_UP,
    WaitsForValues: _LOOKED_UP | {WaitsForValues, HasOutputs},
    NotCached: {WaitsForValues, Calls, Stopped},
    Calls: _CALLED,
    BodyRuns: _CALLED,
    GraphRuns: {WaitsForValues, HasOutputs, Stopped},
    EffectsDue: {WaitsForTurn, WaitsForEqual, HasOutputs, Done, Stopped},
    WaitsForTurn: {EffectsDue, Stopped},
    HasOutputs: {Done, Stopped},
    Done: {Ready},
    Blocked: set(),
    Stopped: set(),
}
"""Stage -> what may follow it."""


def check_transition(stage: Stage, following: Stage) -> None:
    """Raise `RuntimeError` for a stage that cannot follow another."""
    if type(following) not in TRANSITIONS[type(stage)]:
        refuse(stage, following)


def refuse(stage: Stage, following: Stage) -> NoReturn:
    """Raise `RuntimeError`: a stage cannot follow another."""
    raise RuntimeError(f"a call cannot go from {type(stage).__name__} to {type(following).__name__}")
