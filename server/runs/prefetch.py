"""Sends the next runs of the queue to the worker, so that its cache keeps the results that they will need.

The first `NEXT` runs are sent, `pause` seconds after the queue changed, unless they are the same as before: runs that
end sooner cost nothing. A new worker gets them when it has started its first run.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3

from server.runs.documents import DocumentDamagedError, document_of
from server.runs.queue_order import QueueOrder
from server.storage.database import Database
from server.workers.supervisor import Supervisor
from server.workers.worker import Job

NEXT = 3
LONGEST_DOCUMENT = 4 * 2**20
"""Characters of a document. Sending a longer one twice would cost more time than it could save."""
_LOG = logging.getLogger("jacquard.server")


class Prefetch:
    """Sends the next runs whenever the order of the queue changed."""

    def __init__(
        self, queue_order: QueueOrder, database: Database, supervisor: Supervisor, *, pause: float = 0.1
    ) -> None:
        self._queue_order = queue_order
        self._database = database
        self._supervisor = supervisor
        self._pause = pause
        self._last_sent: list[str] = []
        self._jobs: dict[str, Job] = {}
        self._task: asyncio.Task[None] | None = None
        queue_order.changed.connect(self._order_changed)

    def _order_changed(self) -> None:
        if self._task is None and self._queue_order.run_ids[:NEXT] != self._last_sent:
            self._task = asyncio.create_task(self._send())
            self._task.add_done_callback(self._finished)

    def close(self) -> None:
        """Cancels sending."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _send(self) -> None:
        await asyncio.sleep(self._pause)
        next_runs = self._queue_order.run_ids[:NEXT]
        jobs = {run: self._jobs.get(run) or await self._job(run) for run in next_runs}
        self._jobs = {run: job for run, job in jobs.items() if job is not None}
        self._last_sent = next_runs
        await self._supervisor.expect(list(self._jobs.values()))

    async def _job(self, run_id: str) -> Job | None:
        run = self._queue_order.queued.get(run_id)
        if run is None:
            return None
        try:
            text = await document_of(self._database, run_id)
        except DocumentDamagedError:
            return None  # reported when the run starts
        if len(text) > LONGEST_DOCUMENT:
            return None
        return Job(run_id, text, None if run.targets is None else tuple(run.targets))

    def _finished(self, task: asyncio.Task[None]) -> None:
        if task is not self._task:
            return
        self._task = None
        if task.cancelled():
            return
        if error := task.exception():
            # Only speed depends on it: a run whose inputs were evicted takes longer.
            level = logging.WARNING if isinstance(error, sqlite3.Error) else logging.ERROR
            _LOG.log(level, "the next runs could not be sent to the worker: %s", error)
            self._last_sent = self._queue_order.run_ids[:NEXT]
            return
        self._order_changed()  # it may have changed meanwhile
