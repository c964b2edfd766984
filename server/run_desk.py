"""The desk: takes the first run of the queue to the worker, one at a time, and sees it to its end.

A run whose end cannot be written down has ended all the same, as far as this server knows. A run whose worker died
goes back to the front of the queue; after `MOST_DEATHS` workers it has failed. One that was to be cancelled has
then been cancelled.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from graph.files import Files
from server import node_states, run_store
from server.catalogue import Catalogue
from server.database import Database
from server.failures import Failure
from server.frames import Message
from server.hub import Hub
from server.run import Run
from server.run_book import RunBook
from server.run_work import RunWork
from server.supervisor import AtWork, WorkerState
from server.worker import Job

MOST_DEATHS = 3
_TIDY_EVERY = 50
_LOG = logging.getLogger("jacquard.server")


class Dispatcher(Protocol):
    """Who brings jobs to a worker."""

    @property
    def ready(self) -> bool:
        """Whether a job would be taken now."""

    async def submit(self, job: Job) -> None:
        """Hand over a job."""

    async def cancel(self, run: str) -> None:
        """Ask a job to stop."""


class RunDesk:
    """What is being worked on. A supervisor tells it what the worker says and does."""

    def __init__(self, book: RunBook, database: Database, hub: Hub, catalogue: Catalogue, files: Files) -> None:
        self.dispatcher: Dispatcher | None = None
        self.work: RunWork | None = None
        self._book = book
        self._database = database
        self._hub = hub
        self._catalogue = catalogue
        self._files = files
        self._closed = False
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Start the first queued run if a worker is free for it."""
        free = self.dispatcher is not None and self.dispatcher.ready and self.work is None and not self._closed
        if free and self._book.order:
            self.work = RunWork(self._book.take_first(), self._database, self._hub, self._files)
            self._go(self._start(self.work))

    async def cancel(self, run: Run) -> None:
        """Ask the run on the desk to stop."""
        work = self.work
        if work is None or work.run is not run or work.ending or run.cancelling:
            return
        run.cancelling = True
        await self._book.save(run)
        self._book.tell(run)
        if work is self.work and work.submitted and not work.ending and self.dispatcher is not None:
            await self.dispatcher.cancel(run.id)

    async def close(self) -> None:
        """Put what is being worked on back into the queue, and wait for the disk."""
        self._closed = True
        if self.work is not None and not self.work.ending:
            self._put_back(self.work)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._database.do(lambda _: None)

    # What the supervisor tells.

    def worker_changed(self, state: WorkerState) -> None:
        """Pass it on."""
        self._hub.publish("worker", worker=state.as_json())

    def worker_said(self, message: Message) -> None:
        """Take a message of the worker."""
        data = message.data
        if message.type == "catalogue":
            self._take_catalogue(data)
        elif message.type == "ready":
            self.wake()
        elif self.work is None or self.work.ending or data.get("run") != self.work.run.id:
            return  # about a run that was taken off the desk meanwhile
        elif message.type == "events":
            self.work.take(data["events"])
        elif message.type == "preview":
            self._hub.preview(data["run"], data["node"], data["media"], message.payload)
        elif message.type == "done":
            self._finish_soon(self.work, data["status"], data["problems"])

    def worker_died(self, failure: Failure) -> None:
        """Try the run again, unless it was to be cancelled or has cost too many workers."""
        work = self.work
        if work is None or work.ending:
            return
        run = work.run
        if run.cancelling:
            work.end_nodes("node_cancelled", "cancelled", failure.node)
            self._finish_soon(work, "cancelled")
            return
        if not work.submitted:
            self._put_back(work)  # it had not been handed over: not its fault
            return
        run.deaths += 1
        run.failures.append({**failure.as_json(), "attempt": run.attempt})
        problem = {"code": "worker_died", "message": failure.message, "node": failure.node}
        if run.deaths >= MOST_DEATHS:
            problem["remedy"] = "Use smaller pictures or batches, or leave out the node that ends the worker."
        problem = {name: value for name, value in problem.items() if value}
        if run.deaths < MOST_DEATHS:
            work.end_nodes("node_failed", "", failure.node, problem=problem, traceback="")
            self._put_back(work)
            return
        work.end_nodes("node_failed", "failed", failure.node, problem=problem, traceback="")
        self._finish_soon(work, "failed", [problem])

    def at_work(self, node: str = "") -> AtWork | None:
        """What the worker is doing; it says itself that it calls `node`, or the one that was heard of is named."""
        if self.work is None:
            return None
        node = node or next(iter(node_states.running(self.work.states)), "")
        return AtWork(self.work.run.id, node, self.work.node_type(node))

    # What follows from it.

    async def _start(self, work: RunWork) -> None:
        try:
            await self._hand_over(work)
        except (sqlite3.Error, ValueError) as error:
            _LOG.error("run %s cannot be read: %s", work.run.id, error)
            if self.work is work:
                problem = {"code": "storage", "message": f"The run cannot be read from the database: {error}."}
                self._finish_soon(work, "failed", [problem])

    async def _hand_over(self, work: RunWork) -> None:
        run = work.run
        text = await self._database.do(lambda db: run_store.workflow_of(db, run.id))
        if self.work is not work or self.dispatcher is None or text is None:
            return  # the worker died meanwhile
        work.document = text
        run.status, run.started, run.finished, run.attempt = "running", time.time(), None, run.attempt + 1
        self._book.save(run)
        self._book.tell(run)
        self._book.tell_order()
        done = {node: run.artifacts[node] for node in run.made if node in run.artifacts}
        work.submitted = True
        await self.dispatcher.submit(Job(run.id, text, None if run.targets is None else tuple(run.targets), done))
        if run.cancelling and self.work is work:
            await self.dispatcher.cancel(run.id)

    def _finish_soon(self, work: RunWork, status: str, problems: Sequence[dict[str, Any]] = ()) -> None:
        work.ending = True
        self._go(self._finish(work, status, problems))

    async def _finish(self, work: RunWork, status: str, problems: Sequence[dict[str, Any]]) -> None:
        await work.settle()
        try:
            await self._book.close_entry(work.run, status, problems)
        except sqlite3.Error as error:
            # A full disk must not hold up the queue. After a restart this run is done again.
            _LOG.error("the end of run %s could not be written down: %s", work.run.id, error)
            self._book.tell(work.run)
        self.work = None
        self._hub.forget_previews()
        self._count += 1
        if self._count % _TIDY_EVERY == 0:
            self._database.later(run_store.tidy)
        self.wake()

    def _put_back(self, work: RunWork) -> None:
        self.work = None
        self._hub.forget_previews()
        self._book.put_back(work.run)

    def _take_catalogue(self, data: dict[str, Any]) -> None:
        try:
            new = self._catalogue.take(data)
        except (KeyError, TypeError, ValueError) as error:
            _LOG.error("the worker's list of node types cannot be read: %s", error)
            return
        if new:
            self._hub.publish("node_types", etag=self._catalogue.etag)
            asyncio.get_running_loop().run_in_executor(None, self._catalogue.save)

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
