"""What each node of a run did, and why."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from server.shapes.events import Reason
from server.shapes.problems import NodeWarning, Problem
from server.shapes.runs import RunStatus

NodeOutcome = Literal["waiting", "running", "ran", "reused", "failed", "skipped", "cancelled"]


class InnerExplanation(msgspec.Struct, kw_only=True):
    """What an inner node did, and why."""

    node: str
    type: str
    did: NodeOutcome
    seconds: float | UnsetType = UNSET
    reason: Reason | UnsetType = UNSET
    """Why the node was called."""
    how: str | UnsetType = UNSET
    """How its result was reused."""
    because: str | UnsetType = UNSET
    """The node that prevented it from running."""
    problem: Problem | UnsetType = UNSET
    items: int | UnsetType = UNSET
    items_reused: int | UnsetType = UNSET
    items_failed: int | UnsetType = UNSET
    warnings: list[NodeWarning] | UnsetType = UNSET
    more_warnings: int | UnsetType = UNSET


class NodeExplanation(InnerExplanation, kw_only=True):
    """What a node did, and why."""

    inner_count: int | UnsetType = UNSET
    inner: list[InnerExplanation] | UnsetType = UNSET
    """The first inner nodes."""


class RunExplanation(msgspec.Struct, kw_only=True):
    """A page of the nodes of a run, and what each did."""

    run: str
    status: RunStatus
    known: bool
    """Whether the run began and its events are still stored."""
    seconds: float | None
    node_count: int
    totals: dict[NodeOutcome, int]
    nodes: list[NodeExplanation]
    next: int | None
