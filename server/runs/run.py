"""The data of one run. Its document stays in the database."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from server.shapes.runs import RunInfo, RunStatus
from server.workers.worker import ENDED

Problems = Sequence[dict[str, Any]]


@dataclass(slots=True)
class Run:
    """The facts about a run.

    `deaths` counts the workers that died over it and nothing else; `last_number` is of its newest event. `problems`,
    `warnings` and `artifacts` are bounded, their counts are of all.
    """

    id: str
    status: RunStatus = "queued"
    title: str = ""
    client: str = ""
    targets: list[str] | None = None
    node_count: int = 0
    created: float = field(default_factory=time.time)
    started: float | None = None
    finished: float | None = None
    attempt: int = 0
    deaths: int = 0
    cancelling: bool = False
    problems: list[dict[str, Any]] = field(default_factory=list)
    failures: list[Any] = field(default_factory=list)
    artifacts: dict[str, list[Any]] = field(default_factory=dict)
    warnings: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    problem_count: int = 0
    warning_count: int = 0
    artifact_counts: dict[str, int] = field(default_factory=dict)
    last_number: int = 0
    damaged: tuple[str, ...] = ()
    """The damaged columns of its row. Not stored."""
    draining: bool = False
    """Only saving and encoding is left, while the next run works. Not stored."""

    @property
    def ended(self) -> bool:
        """Whether the run has ended."""
        return self.status in ENDED

    @property
    def suspect(self) -> bool:
        """Whether a worker died during this run: it runs alone from then on."""
        return bool(self.failures)

    def info(self, position: int | None = None) -> RunInfo:
        """Returns the run for the API; `position` is its place in the queue."""
        return RunInfo(
            id=self.id,
            status=self.status,
            title=self.title,
            position=position,
            attempt=self.attempt,
            created=self.created,
            started=self.started,
            finished=self.finished,
            seconds=self.finished - self.started if self.finished and self.started else None,
            client=self.client,
            targets=self.targets,
            node_count=self.node_count,
            problems=self.problems,
            failures=self.failures,
            problem_count=self.problem_count,
            warnings=self.warnings,
            warning_count=self.warning_count,
            artifacts=self.artifacts,
            artifact_counts=self.artifact_counts,
            cancelling=self.cancelling,
            draining=self.draining,
        )
