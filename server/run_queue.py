"""The run queue: takes runs in, keeps their order, hands the first to the worker, and sees each to its end.

- A run is acknowledged when it is in the database. What runs and what waits is held in memory, too.
- A run whose worker died goes back to the front; after `MOST_DEATHS` workers it has failed.
- What was running when the server ended, however it ended, is at the front of the queue at the next start.
- A queued run that is cancelled has ended at once; a running one when the worker says so, or is gone.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graph.files import Files
from server import node_states, run_store
from server.catalogue import Catalogue
from server.database import Database
from server.errors import ApiError, not_found
from server.failures import Failure
from server.frames import Message
from server.hub import Hub
from server.run import ENDED, Run
from server.run_work import RunWork
from server.submission import prepare
from server.supervisor import AtWork, WorkerState
from server.worker import Job

MOST_DEATHS = 3
_RECENT = 30
_TIDY_EVERY = 50
_LOG = logging.getLogger("jacquard.server")


class Dispatcher(Protocol):
    """Who brings jobs to a worker."""

    @property
    def ready(self) -> bool:
        """Whether a job would be taken now."""

    @property
    def state(self) -> WorkerState:
        """What the worker is doing."""

    async def submit(self, job: Job) -> None:
        """Hand over a job."""

    async def cancel(self, run: str) -> None:
        """Ask a job to stop."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A request to run something."""

    workflow: object
    targets: list[str] | None = None
    advance_seeds: bool = False
    client: str = ""
    key: str | None = None


class RunQueue:
    """All runs that have not ended, in order, and the latest of those that have."""

    def __init__(self, database: Database, catalogue: Catalogue, files: Files) -> None:
        self.hub = Hub(self.snapshot)
        self.dispatcher: Dispatcher | None = None
        self.work: RunWork | None = None
        self.order: list[str] = []
        self.queued: dict[str, Run] = {}
        self.recent: deque[Run] = deque(maxlen=_RECENT)
        self._database = database
        self._catalogue = catalogue
        self._files = files
        self._closed = False
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Take up what an earlier server left: what was running goes first."""
        await self._database.do(run_store.tidy)
        for run in await self._database.do(run_store.unfinished):
            if run.cancelling:
                self._end(run, "cancelled")
                self._save(run)
                continue
            if run.status == "running":
                run.status = "queued"
                self._save(run)
            self.order.append(run.id)
            self.queued[run.id] = run
        self._save_order()
        self.recent.extend(await self._database.do(lambda db: run_store.ended(db, ENDED, _RECENT)))

    async def close(self) -> None:
        """Put what is running back into the queue and wait for the disk."""
        self._closed = True
        if self.work is not None and not self.work.ending:
            self._put_back(self.work.run)
        await self._database.do(lambda _: None)

    async def submit(self, submission: Submission) -> tuple[Run, dict[str, Any]]:
        """Take a run in; returns it and the seeds that moved. Raises `WorkflowError`.

        A second submission under the same key answers with the first one's run.
        """
        key = submission.key
        if key is not None and (known := await self._database.do(lambda db: run_store.find_by_key(db, key))):
            return await self.get(known[0]), known[1]
        prepared = await asyncio.to_thread(
            prepare,
            submission.workflow,
            submission.targets,
            advance=submission.advance_seeds,
            registry=self._catalogue.registry,
            trusted=self._catalogue.current,
            files=self._files,
        )
        run = Run(
            uuid.uuid4().hex, title=prepared.title, client=submission.client, targets=submission.targets,
            node_count=prepared.node_count,
        )  # fmt: skip
        changed = dict(prepared.changed)
        try:
            await self._database.do(lambda db: run_store.insert(db, run, key, changed, prepared.text))
        except sqlite3.IntegrityError:
            return await self.submit(submission)  # the same key arrived twice at once, and the other was first
        self.order.append(run.id)
        self.queued[run.id] = run
        self._tell(run)
        self._tell_order()
        self._pump()
        return run, changed

    async def get(self, run_id: str) -> Run:
        """A run, whatever its state; raises `ApiError` when there is none."""
        run = self._active(run_id) or await self._database.do(lambda db: run_store.get(db, run_id))
        if run is None:
            raise not_found(f"run {run_id!r}")
        return run

    async def cancel(self, run_id: str) -> Run:
        """Ask a run to stop; one that has ended stays as it is."""
        run = await self.get(run_id)
        if run.status == "queued" and run_id in self.queued:
            self.order.remove(run_id)
            del self.queued[run_id]
            self._end(run, "cancelled")
            await self._save(run)
            self.recent.appendleft(run)
            self._tell(run)
            self._tell_order()
        elif self.work is not None and self.work.run is run and not run.cancelling:
            run.cancelling = True
            await self._save(run)
            self._tell(run)
            if self.work is not None and self.work.run is run and self.work.submitted and self.dispatcher is not None:
                await self.dispatcher.cancel(run_id)
        return run

    async def move(self, run_id: str, position: int) -> Run:
        """Give a queued run another place."""
        run = await self.get(run_id)
        if run_id not in self.queued:
            raise ApiError(409, "not_queued", "Only a queued run can be moved.", "Look at the queue again.")
        self.order.remove(run_id)
        self.order.insert(max(0, position), run_id)
        await self._save_order()
        self._tell_order()
        return run

    async def forget(self, run_id: str) -> None:
        """Delete a run that has ended."""
        run = await self.get(run_id)
        if not run.ended:
            raise ApiError(409, "not_ended", "The run has not ended.", "Cancel it first.")
        await self._database.do(lambda db: run_store.forget(db, run_id))
        self.recent = deque((other for other in self.recent if other.id != run_id), maxlen=_RECENT)
        self.hub.publish("run_removed", id=run_id)

    async def list(self, statuses: Sequence[str], limit: int, before: str | None) -> list[dict[str, Any]]:
        """Runs with one of some statuses: queued ones in queue order, the running one, then the others, newest first."""
        found: list[dict[str, Any]] = []
        if before is None:
            if "queued" in statuses:
                found += [self.describe(self.queued[run_id]) for run_id in self.order]
            if "running" in statuses and self.work is not None:
                found.append(self.describe(self.work.run))
        ended = [status for status in statuses if status in ENDED]
        if ended and len(found) < limit:
            rest = limit - len(found)
            found += [run.as_json() for run in await self._database.do(lambda db: run_store.ended(db, ended, rest, before))]
        return found[:limit]

    async def nodes(self, run: Run) -> dict[str, node_states.NodeState]:
        """What each node of a run is doing, or did."""
        if self.work is not None and self.work.run is run:
            return self.work.states
        states: dict[str, node_states.NodeState] = {}
        node_states.fold(states, await self.events(run.id, 0))
        return states

    async def events(self, run_id: str, after: int) -> list[dict[str, Any]]:
        """The kept events of a run."""
        return await self._database.do(lambda db: run_store.events_of(db, run_id, after))

    async def workflow(self, run_id: str) -> Any:
        """The document that a run runs."""
        text = await self._database.do(lambda db: run_store.workflow_of(db, run_id))
        return json.loads(text) if text is not None else None

    def describe(self, run: Run) -> dict[str, Any]:
        """A run as the API tells it."""
        return run.as_json(self.order.index(run.id) if run.id in self.queued else None)

    def snapshot(self) -> dict[str, Any]:
        """All that a client needs to begin with."""
        work = self.work
        return {
            "worker": self.dispatcher.state.as_json() if self.dispatcher else None,
            "queue": [self.queued[run_id].as_json(place) for place, run_id in enumerate(self.order)],
            "running": {"run": work.run.as_json(), "nodes": work.states} if work else None,
            "recent": [run.as_json() for run in self.recent],
        }

    # What the supervisor tells.

    def worker_changed(self, state: WorkerState) -> None:
        """Pass it on."""
        self.hub.publish("worker", worker=state.as_json())

    def worker_said(self, message: Message) -> None:
        """Take a message of the worker."""
        data = message.data
        mine = self.work is not None and data.get("run") == self.work.run.id
        match message.type:
            case "catalogue":
                self._take_catalogue(data)
            case "ready":
                self._pump()
            case "events" if mine and self.work is not None:
                self.work.take(data["events"])
            case "preview" if mine:
                self.hub.preview(data["run"], data["node"], data["media"], message.payload)
            case "done" if mine and self.work is not None:
                self.work.ending = True
                self._go(self._finish(self.work, data["status"], data.get("problems", [])))

    def worker_died(self, failure: Failure) -> None:
        """Try the run again, unless it was to be cancelled or has cost too many workers."""
        work = self.work
        if work is None or work.ending:
            return
        run = work.run
        if run.cancelling:
            self._end_for_the_worker(work, "cancelled", "node_cancelled", {})
            return
        run.deaths += 1
        run.failures.append({**failure.as_json(), "attempt": run.attempt})
        problem = {"code": "worker_died", "message": failure.message, "node": failure.node}
        problem = {name: value for name, value in problem.items() if value}
        if run.deaths >= MOST_DEATHS:
            remedy = "Use smaller pictures or batches, or leave the node out that ends the worker."
            problem = {**problem, "remedy": remedy}
            self._end_for_the_worker(work, "failed", "node_failed", {"problem": problem, "traceback": ""}, [problem])
            return
        work.add_node_ends("node_failed", problem=problem, traceback="")
        self._put_back(run)
        self._tell(run)
        self._tell_order()

    def at_work(self) -> AtWork | None:
        """What the worker is doing."""
        if self.work is None:
            return None
        node = next(iter(node_states.running(self.work.states)), "")
        return AtWork(self.work.run.id, node, self.work.node_types.get(node, ""))

    # What follows from it.

    def _pump(self) -> None:
        """Start the first queued run if a worker is free for it."""
        if self._closed or self.work is not None or not self.order or self.dispatcher is None or not self.dispatcher.ready:
            return
        run = self.queued.pop(self.order.pop(0))
        self.work = RunWork(run, {}, self._database, self.hub, self._files)
        self._go(self._start(self.work))

    async def _start(self, work: RunWork) -> None:
        run = work.run
        document = await self.workflow(run.id)
        if self.work is not work:
            return  # the worker died meanwhile
        work.node_types = {node_id: node["type"] for node_id, node in document["nodes"].items()}
        run.status, run.started, run.finished, run.attempt = "running", time.time(), None, run.attempt + 1
        self._save(run)
        self._tell(run)
        self._tell_order()
        done = {node: run.artifacts[node] for node in run.made if node in run.artifacts}
        work.submitted = True
        if self.dispatcher is None:
            return
        await self.dispatcher.submit(Job(run.id, document, tuple(run.targets) if run.targets is not None else None, done))
        if run.cancelling and self.work is work:
            await self.dispatcher.cancel(run.id)

    async def _finish(self, work: RunWork, status: str, problems: Sequence[dict[str, Any]]) -> None:
        run = work.run
        await work.settle()
        self._end(run, status, problems)
        await self._save(run)
        self.work = None
        self.hub.forget_previews()
        self.recent.appendleft(run)
        self._tell(run)
        self._count += 1
        if self._count % _TIDY_EVERY == 0:
            self._database.later(run_store.tidy)
        self._pump()

    def _end_for_the_worker(
        self, work: RunWork, status: str, node_event: str, facts: dict[str, Any], problems: Sequence[dict[str, Any]] = ()
    ) -> None:
        work.add_node_ends(node_event, **facts)
        work.add("run_finished", status=status, seconds=time.time() - (work.run.started or time.time()))
        work.ending = True
        self._go(self._finish(work, status, problems))

    def _end(self, run: Run, status: str, problems: Sequence[dict[str, Any]] = ()) -> None:
        run.status, run.finished, run.cancelling = status, time.time(), False
        run.problems = [*problems]

    def _put_back(self, run: Run) -> None:
        self.work = None
        run.status = "queued"
        self.order.insert(0, run.id)
        self.queued[run.id] = run
        self.hub.forget_previews()
        self._save(run)
        self._save_order()

    def _active(self, run_id: str) -> Run | None:
        if self.work is not None and self.work.run.id == run_id:
            return self.work.run
        return self.queued.get(run_id)

    def _take_catalogue(self, data: dict[str, Any]) -> None:
        try:
            new = self._catalogue.take(data)
        except (KeyError, TypeError, ValueError) as error:
            _LOG.error("the worker's list of node types cannot be read: %s", error)
            return
        if new:
            self.hub.publish("node_types", etag=self._catalogue.etag)
            asyncio.get_running_loop().run_in_executor(None, self._catalogue.save)

    def _save(self, run: Run) -> asyncio.Future[None]:
        values, run_id = run_store.columns(run), run.id
        return self._database.do(lambda db: run_store.update(db, run_id, values))

    def _save_order(self) -> asyncio.Future[None]:
        order = list(self.order)
        return self._database.do(lambda db: run_store.put_in_order(db, order))

    def _tell(self, run: Run) -> None:
        self.hub.publish("run", run=self.describe(run))

    def _tell_order(self) -> None:
        self.hub.publish("queue", order=self.order)

    def _go(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
