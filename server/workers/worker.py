"""What the server asks of a worker: the seam. One in a process of its own is in `process`.

`server.shapes.worker_messages` has what the two send each other. There are never more than `MOST_JOBS`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, get_args

from server.shapes.worker_messages import CompletedEffect, EndStatus
from server.workers.frames import Frame

MOST_JOBS = 2
ENDED: frozenset[str] = frozenset(get_args(EndStatus))
"""The states in which a run is over."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run as a worker gets it.

    `workflow` is the document as JSON text. `done` has what side effects an earlier attempt had, so that they are not
    done again.
    """

    run: str
    workflow: str
    targets: tuple[str, ...] | None = None
    done: Sequence[CompletedEffect] = ()


@dataclass(frozen=True, slots=True)
class WorkerExit:
    """How a worker ended: its exit code (negative: the signal that ended it) and the last that it wrote as text.

    `calling` has the node that it was calling for each run, also when it could not say so any more.
    """

    exit_code: int | None
    stderr_tail: str = ""
    broken_frame: str = ""
    calling: Mapping[str, str] = field(default_factory=dict)


class Worker(Protocol):
    """Something that runs jobs and tells how it goes."""

    async def start(self) -> None:
        """Begin to load. Raises `OSError` when that is not possible."""

    async def submit(self, job: Job) -> None:
        """Hand over a job; `done` will be said about it unless the worker dies."""

    async def expect(self, jobs: Sequence[Job]) -> None:
        """Tell what it will be asked for next, so that what these need is not forgotten meanwhile."""

    async def cancel(self, run: str) -> None:
        """Ask a job to stop at its next step."""

    def messages(self) -> AsyncGenerator[Frame, None]:
        """Everything that the worker says, until it has ended."""

    async def ending(self) -> WorkerExit:
        """How it ended; to be asked when `messages` has."""

    async def stop(self, grace: float) -> None:
        """Ask it to leave, and make it when it has not after `grace` seconds."""

    def kill(self) -> None:
        """End it at once."""
