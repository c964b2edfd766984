"""The interface of a worker: the server submits jobs and receives messages. `process` implements it as a process.

`server.shapes.worker_messages` declares the messages. A worker has at most `MOST_JOBS` jobs at a time.
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
    """A run as it is sent to a worker.

    `workflow` is the document as JSON text. `done` has the side effects of earlier attempts, which are not repeated.
    """

    run: str
    workflow: str
    targets: tuple[str, ...] | None = None
    done: Sequence[CompletedEffect] = ()


@dataclass(frozen=True, slots=True)
class WorkerExit:
    """How a worker ended: its exit code (negative: the signal that ended it) and the end of its standard error.

    `calling` has the node that was being called for each run, from the crash note.
    """

    exit_code: int | None
    stderr_tail: str = ""
    broken_frame: str = ""
    calling: Mapping[str, str] = field(default_factory=dict)


class Worker(Protocol):
    """Runs jobs and reports on them."""

    async def start(self) -> None:
        """Starts the worker. Raises `OSError`."""

    async def submit(self, job: Job) -> None:
        """Submits a job; `Done` follows unless the worker dies."""

    async def expect(self, jobs: Sequence[Job]) -> None:
        """Announces the next jobs, so that the cache keeps the results that they need."""

    async def cancel(self, run: str) -> None:
        """Cancels a job at its next step."""

    def messages(self) -> AsyncGenerator[Frame, None]:
        """Yields the messages of the worker until it has ended."""

    async def ending(self) -> WorkerExit:
        """Returns how the worker ended; call it after the last message."""

    async def stop(self, grace: float) -> None:
        """Asks the worker to end, and kills it after `grace` seconds."""

    def kill(self) -> None:
        """Kills the worker."""
