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
from server.runs.artifacts import made_so_far
from server.runs.attempt import RunWork
from server.runs.documents import DocumentDamagedError, document_of
from server.runs.endings import Endings
from server.runs.prefetch import Prefetch
from server.runs.queue_order import QueueOrder
from server.runs.run import Run
from server.storage.database import Database
from server.storage.database_file import is_sick
from server.storage.node_type_store import Catalogue
from server.workers.failures import Failure
from server.workers.frames import Message
from server.workers.pack_log import log_broken
from server.workers.supervisor import WorkerState
from server.workers.suspects import ActiveCall
from server.workers.worker import MOST_JOBS, Job

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 10.0
_LOG = logging.getLogger("jacquard.server")


class Dispatcher(Protocol):
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


class RunDispatcher:
    """What is being worked on. A supervisor tells it what the worker says and does."""

    def __init__(self, book: QueueOrder, database: Database, hub: Hub, catalogue: Catalogue, files: Files) -> None:
        self.dispatcher: Dispatcher | None = None
        self.foresight: Prefetch | None = None
        self.works: dict[str, RunWork] = {}
        """The runs that a worker has, that are on the way to it, or whose end is being written down: by id, the first
        begun first."""
        self._book = book
        self._database = database
        self._hub = hub
        self._catalogue = catalogue
        self._files = files
        self._leaving = Endings(self.works, book, database, hub, self.wake)
        self._closed = False
        self._pause = _FIRST_PAUSE
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self, documents: Mapping[str, str] | None = None) -> None:
        """Start the first queued run if a worker is free for it. Documents that are at hand need not be looked up."""
        ready = self.dispatcher is not None and self.dispatcher.ready and not self._closed
        if ready and self._book.order and self._is_free_for(self._book.queued[self._book.order[0]]):
            work = RunWork(self._book.take_first(), self._database, self._hub, self._files)
            work.document = (documents or {}).get(work.run.id, "")
            self.works[work.run.id] = work
            self._go(self._start(work))

    async def cancel(self, run: Run) -> None:
        """Ask a run on the desk to stop."""
        work = self.works.get(run.id)
        if work is None or work.ending or run.cancelling:
            return
        run.cancelling = True
        try:
            await self._book.save(run)
        except Exception:
            run.cancelling = False
            raise
        self._book.tell(run)
        if self._is_here(work) and work.submitted and self.dispatcher is not None:
            await self.dispatcher.cancel(run.id)

    async def close(self) -> None:
        """Put what is being worked on back into the queue, and wait for the disk."""
        self._closed = True
        if self.foresight is not None:
            self.foresight.close()
        for work in self._at_work()[::-1]:
            self._leaving.put_back(work)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._leaving.settle()
        await self._database.keep(lambda _: None)

    # What the supervisor tells.

    def worker_changed(self, state: WorkerState) -> None:
        """Pass it on."""
        self._hub.publish("worker", worker=state.as_json())

    def worker_said(self, message: Message) -> None:
        """Take a message of the worker."""
        data = message.data
        if message.type == "catalogue":
            self._take_catalogue(data)
            return
        if message.type == "ready":
            self.wake()
            return
        work = self.works.get(str(data.get("run", "")))
        if work is None or work.ending or not work.submitted:
            return  # about a run that was taken off the desk meanwhile, or has not been begun yet
        match message.type:
            case "events":
                work.take(data["events"], message.payload.decode())
            case "preview":
                self._hub.preview(data["run"], data["node"], data["media"], message.payload)
            case "draining":
                work.run.draining = True
                self._book.tell(work.run)
                self.wake()
            case "done":
                self._leaving.end(work, data["status"], data["problems"], data["problem_count"])
                self.wake()

    def worker_died(self, failure: Failure, blamed: Sequence[ActiveCall]) -> None:
        """Try its runs again, but for those that were to be cancelled or have cost too many workers."""
        self._leaving.after_death(failure, blamed)

    def at_work(self, calling: Mapping[str, str]) -> Sequence[ActiveCall]:
        """What the worker is doing; it says itself which node it calls for each run, or those heard of are named."""
        found = []
        for work in [work for work in self._at_work() if work.submitted]:
            run = work.run
            node = calling.get(run.id, "") if calling else next(iter(node_states.running(work.states)), "")
            found.append(ActiveCall(run.id, node, work.node_type(node) if node else "", run.draining))
        return found

    # What follows from it.

    async def _start(self, work: RunWork) -> None:
        try:
            await self._hand_over(work)
        except DocumentDamagedError as error:
            self._refuse(work, "damaged", f"The run cannot be done: {error}.", "Run the workflow again.")
        except Exception as error:  # noqa: BLE001 - whatever it is, what comes next must not wait for it
            if is_sick(error) and self._is_here(work) and not work.submitted:
                _LOG.error("run %s cannot be read now, and is tried again: %s", work.run.id, error)
                self._leaving.put_back(work)
                self._try_again()
                return
            _LOG.error("run %s cannot be begun", work.run.id, exc_info=error)
            self._refuse(work, "storage", f"The run could not be begun: {error}.", "Run the workflow again.")
        else:
            self._pause = _FIRST_PAUSE

    def _refuse(self, work: RunWork, code: str, message: str, remedy: str) -> None:
        """A run that cannot be done has failed."""
        if self._is_here(work):
            self._leaving.end(work, "failed", [{"code": code, "message": message, "remedy": remedy}])

    def _try_again(self) -> None:
        """Look at the queue again after a while: a disk that fails may be well then."""
        asyncio.get_running_loop().call_later(self._pause, self.wake)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    async def _hand_over(self, work: RunWork) -> None:
        run = work.run
        text = work.document or await document_of(self._database, run.id)
        before = await self._database.do(lambda db: store.events_of(db, run.id)) if run.attempt else []
        if not self._is_here(work) or self.dispatcher is None:
            return  # the worker died meanwhile
        work.document = text
        run.status, run.started, run.finished, run.attempt = "running", time.time(), None, run.attempt + 1
        self._book.keep(run)
        self._book.tell(run)
        self._book.tell_order()
        targets = None if run.targets is None else tuple(run.targets)
        work.submitted = True
        await self.dispatcher.submit(Job(run.id, text, targets, made_so_far(before)))
        if run.cancelling and self._is_here(work):
            await self.dispatcher.cancel(run.id)

    def _at_work(self) -> list[RunWork]:
        return [work for work in self.works.values() if not work.ending]

    def _is_here(self, work: RunWork) -> bool:
        """Whether a run is still to be worked on, by this attempt."""
        return self.works.get(work.run.id) is work and not work.ending

    def _is_free_for(self, run: Run) -> bool:
        others = [work.run for work in self._at_work()]
        beside = len(others) < MOST_JOBS and not run.suspect and all(o.draining and not o.suspect for o in others)
        return not others or beside

    def _take_catalogue(self, data: dict[str, Any]) -> None:
        try:
            new = self._catalogue.take(data)
        except Exception as error:  # noqa: BLE001 - it is of strangers' nodes; what an earlier worker told is still there
            _LOG.error("the worker's list of node types cannot be read: %s", error)
            return
        log_broken(data.get("packs", []))
        if new:
            self._hub.publish("node_types", etag=self._catalogue.etag)
            asyncio.get_running_loop().run_in_executor(None, self._catalogue.save)

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
