"""Submits runs from the front of the queue to the worker, and handles its messages until each has ended.

One run is active at a time. When the worker reports that only saving and encoding is left of it, the run is draining
and the next one starts beside it; for clients both are running. A run during which a worker died never runs beside
another.

How runs end is in `endings`, which may run beside which in `attempts`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping
from typing import Any

import msgspec

from graph.files.folders import Files
from server.hub import Hub
from server.runs import store
from server.runs.artifacts import completed_effects
from server.runs.attempt import RunAttempt
from server.runs.attempts import Attempts
from server.runs.documents import DocumentDamagedError, document_of
from server.runs.endings import Endings
from server.runs.prefetch import Prefetch
from server.runs.queue_order import QueueOrder
from server.runs.run import Run
from server.shapes.messages import NodeTypesChanged
from server.shapes.worker_messages import CatalogueReported, Done, Draining, EventsReported, PreviewMade, Ready
from server.storage.database import Database
from server.storage.database_file import is_disk_failure
from server.storage.node_type_store import Catalogue
from server.workers.message_checks import Received
from server.workers.pack_log import log_broken
from server.workers.supervisor import Supervisor
from server.workers.worker import Job

FIRST_DELAY, _LONGEST_DELAY = 0.25, 10.0
_LOG = logging.getLogger("jacquard.server")


class Dispatcher:
    """Submits queued runs to the supervisor's worker and handles the messages of that worker about them."""

    def __init__(
        self,
        queue_order: QueueOrder,
        attempts: Attempts,
        supervisor: Supervisor,
        database: Database,
        hub: Hub,
        catalogue: Catalogue,
        files: Files,
    ) -> None:
        self.attempts = attempts
        self._queue_order = queue_order
        self._supervisor = supervisor
        self._database = database
        self._hub = hub
        self._catalogue = catalogue
        self._files = files
        self._endings = Endings(attempts, queue_order, database, hub, self.start_next)
        self._prefetch = Prefetch(queue_order, database, supervisor)
        self._closed = False
        self._retry_delay = FIRST_DELAY
        self._tasks: set[asyncio.Task[None]] = set()
        supervisor.message_received.connect(self._receive)
        supervisor.worker_died.connect(self._endings.worker_died)

    def start_next(self, documents: Mapping[str, str] | None = None) -> None:
        """Start the first queued run if the worker can take it. `documents` (run id -> text) saves a query."""
        run = self._queue_order.first
        if run is None or self._closed or not self._supervisor.ready or not self.attempts.have_room_for(run):
            return
        attempt = RunAttempt(self._queue_order.take_first(), self._database, self._hub, self._files)
        attempt.document = (documents or {}).get(run.id, "")
        self.attempts[run.id] = attempt
        self._spawn(self._start(attempt))

    async def cancel(self, run: Run) -> None:
        """Cancels a run that was taken from the queue."""
        attempt = self.attempts.get(run.id)
        if attempt is None or attempt.ending or run.cancelling:
            return
        run.cancelling = True
        try:
            await self._queue_order.save(run)
        except Exception:
            run.cancelling = False
            raise
        self._queue_order.publish_run(run)
        if self.attempts.is_current(attempt) and attempt.submitted:
            await self._supervisor.cancel(run.id)

    async def close(self) -> None:
        """Puts active runs back into the queue, and waits for the disk."""
        self._closed = True
        self._prefetch.close()
        for attempt in self.attempts.active()[::-1]:
            self._endings.requeue(attempt)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._endings.settle()
        await self._database.write_eventually(lambda _: None)

    def _receive(self, received: Received) -> None:
        """Handle a message of the worker."""
        message = received.message
        match message:
            case CatalogueReported():
                self._update_catalogue(message)
            case Ready():
                self.start_next()
            case EventsReported() | PreviewMade() | Draining() | Done():
                attempt = self.attempts.get(message.run)
                if attempt is not None and not attempt.ending and attempt.submitted:
                    self._receive_about(attempt, received)
                # otherwise its run has ended meanwhile, or was not submitted yet

    def _receive_about(self, attempt: RunAttempt, received: Received) -> None:
        match message := received.message:
            case EventsReported():
                attempt.receive([*received.events], received.payload.decode())
            case PreviewMade():
                self._hub.preview(message.run, message.node, message.media, received.payload)
            case Draining():
                attempt.run.draining = True
                self._queue_order.publish_run(attempt.run)
                self.start_next()
            case Done():
                problems = msgspec.to_builtins(message.problems)
                self._endings.end(attempt, message.status, problems, message.problem_count)
                self.start_next()

    async def _start(self, attempt: RunAttempt) -> None:
        try:
            await self._submit(attempt)
        except DocumentDamagedError as error:
            self._refuse(attempt, "damaged", f"The run cannot be done: {error}.", "Run the workflow again.")
        except Exception as error:  # noqa: BLE001 - later runs must not wait for this one
            if is_disk_failure(error) and self.attempts.is_current(attempt) and not attempt.submitted:
                _LOG.error("run %s cannot be read now, and is retried: %s", attempt.run.id, error)
                self._endings.requeue(attempt)
                self._retry_later()
                return
            _LOG.error("run %s cannot be started", attempt.run.id, exc_info=error)
            self._refuse(attempt, "storage", f"The run could not be begun: {error}.", "Run the workflow again.")
        else:
            self._retry_delay = FIRST_DELAY

    def _refuse(self, attempt: RunAttempt, code: str, message: str, remedy: str) -> None:
        """Ends a run that cannot start as failed."""
        if self.attempts.is_current(attempt):
            self._endings.end(attempt, "failed", [{"code": code, "message": message, "remedy": remedy}])

    def _retry_later(self) -> None:
        """Starts the next run after a while: a disk that failed may have recovered."""
        asyncio.get_running_loop().call_later(self._retry_delay, self.start_next)
        self._retry_delay = min(2 * self._retry_delay, _LONGEST_DELAY)

    async def _submit(self, attempt: RunAttempt) -> None:
        run = attempt.run
        text = attempt.document or await document_of(self._database, run.id)
        before = await self._database.do(lambda db: store.events_of(db, run.id)) if run.attempt else []
        if not self.attempts.is_current(attempt):
            return  # the worker died meanwhile
        attempt.document = text
        run.status, run.started, run.finished, run.attempt = "running", time.time(), None, run.attempt + 1
        self._queue_order.save_eventually(run)
        self._queue_order.publish_run(run)
        self._queue_order.publish_order()
        targets = None if run.targets is None else tuple(run.targets)
        attempt.submitted = True
        await self._supervisor.submit(Job(run.id, text, targets, completed_effects(before)))
        if run.cancelling and self.attempts.is_current(attempt):
            await self._supervisor.cancel(run.id)

    def _update_catalogue(self, reported: CatalogueReported) -> None:
        try:
            new = self._catalogue.update(reported)
        except Exception as error:  # noqa: BLE001 - untrusted nodes describe themselves; the earlier catalogue stays
            _LOG.error("the worker's list of node types cannot be read: %s", error)
            return
        log_broken(reported.packs)
        if new:
            self._hub.publish(NodeTypesChanged(etag=self._catalogue.etag))
            asyncio.get_running_loop().run_in_executor(None, self._catalogue.save)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
