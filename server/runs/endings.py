"""How attempts end: the run has ended, or goes back to the front of the queue.

A run whose end cannot be stored now has ended all the same; the end is stored later. When a worker dies, all its runs
go back in their order. A run that was the only suspect (`server.workers.suspects`) of `MOST_DEATHS` deaths has failed;
a run that was being cancelled is cancelled.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import msgspec

from server.hub import Hub
from server.runs import store
from server.runs.attempt import RunAttempt
from server.runs.attempts import Attempts
from server.runs.queue_order import QueueOrder
from server.runs.run import Problems
from server.shapes.runs import RunStatus
from server.shapes.system import Failure
from server.storage.database import Database
from server.workers.suspects import ActiveCall

MOST_DEATHS = 3
_PRUNE_EVERY = 50
_LOG = logging.getLogger("jacquard.server")


class Endings:
    """Removes attempts from `attempts`; calls `on_ended` when a run has ended and another may start."""

    def __init__(
        self,
        attempts: Attempts,
        queue_order: QueueOrder,
        database: Database,
        hub: Hub,
        on_ended: Callable[[], None],
    ) -> None:
        self._attempts = attempts
        self._queue_order = queue_order
        self._database = database
        self._hub = hub
        self._on_ended = on_ended
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def end(self, attempt: RunAttempt, status: RunStatus, problems: Problems = (), problem_count: int = 0) -> None:
        """Ends a run; its attempt is removed when the end is stored."""
        attempt.ending = True
        task = asyncio.create_task(self._end(attempt, status, problems, problem_count))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def requeue(self, attempt: RunAttempt) -> None:
        """Puts a run back to the front of the queue."""
        self._remove(attempt)
        self._queue_order.requeue(attempt.run)

    def worker_died(self, failure: Failure, suspects: Sequence[ActiveCall]) -> None:
        """Ends or requeues all active runs after the death of their worker."""
        suspects_by_run = {item.run: item for item in suspects}
        for attempt in self._attempts.active()[::-1]:
            run, suspect = attempt.run, suspects_by_run.get(attempt.run.id)
            if run.cancelling:
                attempt.end_nodes("node_cancelled", "cancelled", suspect.node if suspect else "")
                self.end(attempt, "cancelled")
            elif suspect is None or not attempt.submitted:
                attempt.end_nodes("node_cancelled", "", "")
                self.requeue(attempt)
            else:
                run.deaths += len(suspects_by_run) == 1
                self._record_failure(attempt, msgspec.structs.replace(failure, run=run.id, node=suspect.node))

    async def settle(self) -> None:
        """Waits until all ends are stored."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _end(self, attempt: RunAttempt, status: RunStatus, problems: Problems, problem_count: int) -> None:
        try:
            await attempt.wait_until_stored()
            if not await self._queue_order.end(attempt.run, status, problems, problem_count):
                _LOG.error("the end of run %s is stored when the disk accepts it", attempt.run.id)
        except Exception as error:  # noqa: BLE001 - later runs must not wait for this one
            _LOG.critical("the end of run %s could not be handled", attempt.run.id, exc_info=error)
        self._remove(attempt)
        self._count += 1
        if self._count % _PRUNE_EVERY == 0:
            self._database.write_in_background(store.prune)
        self._on_ended()

    def _record_failure(self, attempt: RunAttempt, failure: Failure) -> None:
        run = attempt.run
        run.failures.append(msgspec.to_builtins(msgspec.structs.replace(failure, attempt=run.attempt)))
        problem = {"code": "worker_died", "message": failure.message, "node": failure.node}
        if run.deaths >= MOST_DEATHS:
            problem["remedy"] = "Use smaller pictures or batches, or leave out the node that ends the worker."
        problem = {name: value for name, value in problem.items() if value}
        if run.deaths < MOST_DEATHS:
            attempt.end_nodes("node_failed", "", failure.node, problem=problem, traceback="")
            self.requeue(attempt)
            return
        attempt.end_nodes("node_failed", "failed", failure.node, problem=problem, traceback="")
        self.end(attempt, "failed", [problem])

    def _remove(self, attempt: RunAttempt) -> None:
        self._attempts.pop(attempt.run.id, None)
        self._hub.forget_previews(attempt.run.id)
