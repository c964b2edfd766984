"""The events of a run as clients receive them: those of the engine, with the time and the addresses of artifacts.

Fields with a default in the engine may be missing: stored events may be of an earlier version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

import msgspec

from graph.base import errors
from graph.caching import call_history
from graph.node_types import context, warnings
from graph.running import events
from server.shapes.artifacts import Artifact
from server.shapes.engine_records import shape_of
from server.shapes.problems import PLAIN, NodeWarning, Problem


class InputChange(msgspec.Struct, kw_only=True):
    """An input that differs from that of the previous call."""

    name: str
    was: str
    now: str
    source: str = ""
    """The node that gave it, if one did."""


class ItemsFinished(msgspec.Struct, kw_only=True, tag_field="event", tag="items_finished"):
    """Items of a stream without artifacts: one stored record for many."""

    run: str
    number: int
    node: str
    items: int
    reused: int
    seconds: float
    at: float | None


KINDS = {events.name_of(kind): kind for kind in events.Event.__subclasses__()}
"""The engine's events, by their names."""

if TYPE_CHECKING:
    Reason = dict[str, Any]
    RunEvent = dict[str, Any]
else:
    Reason = shape_of(call_history.Reason, {**PLAIN, call_history.InputChange: InputChange}, left_out=("also_code",))
    TYPES = {
        **PLAIN,
        errors.Problem: Problem,
        call_history.Reason: Reason,
        warnings.NodeWarning: NodeWarning,
        context.Artifact: Artifact,
    }
    EVENTS = tuple(
        shape_of(
            kind, TYPES, tag=("event", events.name_of(kind)), more={"at": float}, left_out=("preview",), strict=False
        )
        for kind in KINDS.values()
    )
    RunEvent = Union[(*EVENTS, ItemsFinished)]


class Events(msgspec.Struct, kw_only=True):
    """A page of the stored events of a run."""

    events: list[RunEvent]
    next: int | None
