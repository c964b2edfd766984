"""The desk: takes runs from the front of the queue to the worker, and sees each to its end.

One run is at work at a time. When the worker says that only saving and encoding is left of it, the run is draining and
the next one is begun beside it; both are running, as far as clients are concerned. A run over which a worker died
is never done beside another.

How runs leave it is told in `leaving`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Protocol

from graph.files.folders import Files
from server.hub import Hub
from server.runs import node_states, store
from server.runs.artifacts import completed_effects
from server.runs.attempt import RunAttempt
from server.runs.documents import DocumentDamagedError, document_of
from server.runs.endings import Endings
from server.runs.prefetch import Prefetch
from server.runs.queue_order import QueueOrder
from server.runs.run import Run
from server.storage.database import Database
from server.storage.database_file import is_disk_failure
from server.storage.node_type_store import Catalogue
from server.workers.failures import Failure
from server.workers.frames import Message
from server.workers.pack_log import log_broken
from server.workers.supervisor import WorkerState
from server.workers.suspects import ActiveCall
from server.workers.worker import MOST_JOBS, Job

_FIRST_DELAY, _LONGEST_DELAY = 0.25, 10.0
_LOG = logging.getLogger("jacquard.server")


class JobRunner(Protocol):
    """Who brings jobs to a worker."""

    @property
    def ready(self) -> bool:
        """Whether a job would be taken now."""

    async def submit(self, job: Job) -> None:
        """Hand over a job."""

    async def expect(self, jobs: Sequence[Job]) -> None:
        """Tell what comes next."""

    async def cancel(self, run: str) -> None:
        """Ask a job to stop."""


class Dispatcher:
    """What is being worked on. A supervisor tells it what the worker says and does."""

    def __init__(
        self, queue_order: QueueOrder, database: Database, hub: Hub, catalogue: Catalogue, files: Files
    ) -> None:
        self.runner: JobRunner | None = None
        self.prefetch: Prefetch | None = None
        self.attempts: dict[str, RunAttempt] = {}
        """The runs that a worker has, that are on the way to it, or whose end is being written down: by id, the first
        begun first."""
        self._queue_order = queue_order
        self._database = database
        self._hub = hub
        self._catalogue = catalogue
        self._files = files
        self._endings = Endings(self.attempts, queue_order, database, hub, self.start_next)
        self._closed = False
        self._retry_delay = _FIRST_DELAY
        self._tasks: set[asyncio.Task[None]] = set()

    def start_next(self, documents: Mapping[str, str] | None = None) -> None:
        """Start the first queued run if a worker is free for it. Documents that are at hand need not be looked up."""
        ready = self.runner is not None and self.runner.ready and not self._closed
        if (
            ready
            and self._queue_order.run_ids
            and self._can_start(self._queue_order.queued[self._queue_order.run_ids[0]])
        ):
            attempt = RunAttempt(self._queue_order.take_first(), self._database, self._hub, self._files)
            attempt.document = (documents or {}).get(attempt.run.id, "")
            self.attempts[attempt.run.id] = attempt
            self._spawn(self._start(attempt))

    async def cancel(self, run: Run) -> None:
        """Ask a run on the desk to stop."""
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
        if self._is_current(attempt) and attempt.submitted and self.runner is not None:
            await self.runner.cancel(run.id)

    async def close(self) -> None:
        """Put what is being worked on back into the queue, and wait for the disk."""
        self._closed = True
        if self.prefetch is not None:
            self.prefetch.close()
        for attempt in self._active()[::-1]:
            self._endings.requeue(attempt)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._endings.settle()
        await self._database.write_eventually(lambda _: None)

    # What the supervisor tells.

    def worker_state_changed(self, state: WorkerState) -> None:
        """Pass it on."""
        self._hub.publish("worker", worker=state.as_json())

    def worker_sent(self, message: Message) -> None:
        """Take a message of the worker."""
        data = message.data
        if message.type == "catalogue":
            self._update_catalogue(data)
            return
        if message.type == "ready":
            self.start_next()
            return
        attempt = self.attempts.get(str(data.get("run", "")))
        if attempt is None or attempt.ending or not attempt.submitted:
            return  # about a run that was taken off the desk meanwhile, or has not been begun yet
        match message.type:
            case "events":
                attempt.receive(data["events"], message.payload.decode())
            case "preview":
                self._hub.preview(data["run"], data["node"], data["media"], message.payload)
            case "draining":
                attempt.run.draining = True
                self._queue_order.publish_run(attempt.run)
                self.start_next()
            case "done":
                self._endings.end(attempt, data["status"], data["problems"], data["problem_count"])
                self.start_next()

    def worker_died(self, failure: Failure, suspects: Sequence[ActiveCall]) -> None:
        """Try its runs again, but for those that were to be cancelled or have cost too many workers."""
        self._endings.worker_died(failure, suspects)

    def active_calls(self, calling: Mapping[str, str]) -> Sequence[ActiveCall]:
        """What the worker is doing; it says itself which node it calls for each run, or those heard of are named."""
        calls = []
        for attempt in [attempt for attempt in self._active() if attempt.submitted]:
            run = attempt.run
            node = calling.get(run.id, "") if calling else next(iter(node_states.running(attempt.states)), "")
            calls.append(ActiveCall(run.id, node, attempt.node_type(node) if node else "", run.draining))
        return calls

    # What follows from it.

    async def _start(self, attempt: RunAttempt) -> None:
        try:
            await self._submit(attempt)
        except DocumentDamagedError as error:
            self._refuse(attempt, "damaged", f"The run cannot be done: {error}.", "Run the workflow again.")
        except Exception as error:  # noqa: BLE001 - whatever it is, what comes next must not wait for it
            if is_disk_failure(error) and self._is_current(attempt) and not attempt.submitted:
                _LOG.error("run %s cannot be read now, and is tried again: %s", attempt.run.id, error)
                self._endings.requeue(attempt)
                self._retry_later()
                return
            _LOG.error("run %s cannot be begun", attempt.run.id, exc_info=error)
            self._refuse(attempt, "storage", f"The run could not be begun: {error}.", "Run the workflow again.")
        else:
            self._retry_delay = _FIRST_DELAY

    def _refuse(self, attempt: RunAttempt, code: str, message: str, remedy: str) -> None:
        """A run that cannot be done has failed."""
        if self._is_current(attempt):
            self._endings.end(attempt, "failed", [{"code": code, "message": message, "remedy": remedy}])

    def _retry_later(self) -> None:
        """Look at the queue again after a while: a disk that fails may be well then."""
        asyncio.get_running_loop().call_later(self._retry_delay, self.start_next)
        self._retry_delay = min(2 * self._retry_delay, _LONGEST_DELAY)

    async def _submit(self, attempt: RunAttempt) -> None:
        run = attempt.run
        text = attempt.document or await document_of(self._database, run.id)
        before = await self._database.do(lambda db: store.events_of(db, run.id)) if run.attempt else []
        if not self._is_current(attempt) or self.runner is None:
            return  # the worker died meanwhile
        attempt.document = text
        run.status, run.started, run.finished, run.attempt = "running", time.time(), None, run.attempt + 1
        self._queue_order.save_eventually(run)
        self._queue_order.publish_run(run)
        self._queue_order.publish_order()
        targets = None if run.targets is None else tuple(run.targets)
        attempt.submitted = True
        await self.runner.submit(Job(run.id, text, targets, completed_effects(before)))
        if run.cancelling and self._is_current(attempt):
            await self.runner.cancel(run.id)

    def _active(self) -> list[RunAttempt]:
        return [attempt for attempt in self.attempts.values() if not attempt.ending]

    def _is_current(self, attempt: RunAttempt) -> bool:
        """Whether a run is still to be worked on, by this attempt."""
        return self.attempts.get(attempt.run.id) is attempt and not attempt.ending

    def _can_start(self, run: Run) -> bool:
        others = [attempt.run for attempt in self._active()]
        beside = len(others) < MOST_JOBS and not run.suspect and all(o.draining and not o.suspect for o in others)
        return not others or beside

    def _update_catalogue(self, data: dict[str, Any]) -> None:
        try:
            new = self._catalogue.update(data)
        except Exception as error:  # noqa: BLE001 - it is of strangers' nodes; what an earlier worker told is still there
            _LOG.error("the worker's list of node types cannot be read: %s", error)
            return
        log_broken(data.get("packs", []))
        if new:
            self._hub.publish("node_types", etag=self._catalogue.etag)
            asyncio.get_running_loop().run_in_executor(None, self._catalogue.save)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
