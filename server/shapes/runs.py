"""Runs, the states of their nodes, and requests about them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from server.shapes.artifacts import Artifact
from server.shapes.problems import ItemProblem, NodeWarning, Problem
from server.shapes.system import Failure
from server.shapes.workflows import Workflow

RunStatus = Literal["queued", "running", "finished", "failed", "cancelled", "refused"]
NodePhase = Literal["waiting", "running", "finished", "reused", "failed", "skipped", "cancelled"]
MOST_TARGETS, LONGEST_MARK = 10_000, 200
Mark = Annotated[str, Meta(max_length=LONGEST_MARK)]


class Submission(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A request to run a workflow."""

    workflow: Annotated[Workflow, Meta(extra={"remedy": "Send the workflow's document."})]
    targets: Annotated[
        Annotated[list[str], Meta(max_length=MOST_TARGETS)] | None, Meta(extra={"remedy": "Leave it out to run all."})
    ] = None
    """The nodes to run, with all that they need; all nodes if it is left out."""
    advance_seeds: bool = False
    """Whether seeds that are not fixed advance."""
    client: Mark = ""
    key: Mark = ""
    """Identifies this request: sent again with the same key, it starts no other run."""


class Move(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A request to move a queued run."""

    position: Annotated[int, Meta(extra={"remedy": "Send a whole number; 0 is the front."})]


class RunInfo(msgspec.Struct, kw_only=True):
    """A run."""

    id: str
    status: RunStatus
    title: str
    position: int | None
    """The place of a queued run in the queue."""
    attempt: int
    created: float
    started: float | None
    finished: float | None
    seconds: float | None
    client: str
    targets: list[str] | None
    node_count: int
    problems: list[Problem]
    failures: list[Failure]
    problem_count: int
    """Number of all; not all may be listed."""
    warnings: dict[str, list[NodeWarning]]
    warning_count: int
    artifacts: dict[str, list[Artifact]]
    """The newest ones of each node, the newest last."""
    artifact_counts: dict[str, int]
    cancelling: bool
    draining: bool
    """Only saving is left; the next run works beside it."""


class NodeState(msgspec.Struct, kw_only=True):
    """The state of a node of a run."""

    state: NodePhase
    value: float | UnsetType = UNSET
    maximum: float | UnsetType = UNSET
    seconds: float | UnsetType = UNSET
    problem: Problem | UnsetType = UNSET
    artifacts: list[Artifact] | UnsetType = UNSET
    """Of a stream the newest ones, the newest last."""
    artifact_count: int | UnsetType = UNSET
    items: int | UnsetType = UNSET
    """Number of finished items of a stream."""
    items_reused: int | UnsetType = UNSET
    items_failed: int | UnsetType = UNSET
    problems: list[ItemProblem] | UnsetType = UNSET
    """The first problems of items of a stream."""
    warnings: list[NodeWarning] | UnsetType = UNSET
    more_warnings: int | UnsetType = UNSET
    """Number of warnings that are not listed."""


class Submitted(msgspec.Struct, kw_only=True):
    """The run that a request submitted."""

    run: RunInfo
    changed: dict[str, Any]
    """The advanced seeds: `node.input` -> new value; inside a sub-workflow `@id/node.input`."""


class Runs(msgspec.Struct, kw_only=True):
    """A page of runs."""

    runs: list[RunInfo]
    next: str | None


class RunAnswer(msgspec.Struct, kw_only=True):
    """The present state of a run."""

    run: RunInfo


class RunForgotten(msgspec.Struct, kw_only=True):
    """The run that was deleted."""

    id: str


class RunDetail(msgspec.Struct, kw_only=True):
    """A run, and the states of its nodes."""

    run: RunInfo
    nodes: dict[str, NodeState]
    workflow: Workflow | UnsetType = UNSET
    """The document, if it was requested."""
