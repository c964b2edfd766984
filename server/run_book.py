"""The book of runs: which wait, in which order, and which ended lately. Held in memory, written to the database.

What was running when the server ended, however it ended, is at the front of the queue at the next start, and knows what
it made until then; what was to be cancelled is cancelled.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from server import run_store
from server.database import Database
from server.hub import Hub
from server.run import ENDED, Run
from server.run_artifacts import RunArtifacts
from server.run_warnings import RunWarnings

MOST_PROBLEMS = 100
_RECENT = 30


class RunBook:
    """Every change is written down in order; those that are awaited are on the disk."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self.order: list[str] = []
        self.queued: dict[str, Run] = {}
        self.recent: deque[Run] = deque(maxlen=_RECENT)
        self.order_changed: Callable[[], None] = lambda: None
        """Called whenever the order of the queue is another."""
        self._database = database
        self._hub = hub

    async def open(self) -> None:
        """Take up what an earlier server left."""
        await self._database.do(run_store.tidy)
        for run in await self._database.do(run_store.unfinished):
            if run.status == "running":
                await self._catch_up(run)
            if run.cancelling:
                await self.close_entry(run, "cancelled")
                continue
            if run.status == "running":
                run.status = "queued"
                await self.save(run)
            self.order.append(run.id)
            self.queued[run.id] = run
        await self._save_order()
        self.recent.clear()
        self.recent.extend(await self._database.do(lambda db: run_store.ended(db, ENDED, _RECENT)))

    def add(self, run: Run) -> None:
        """A new run, last in the queue; it is in the database already."""
        self.order.append(run.id)
        self.queued[run.id] = run
        self.tell(run)
        self.tell_order()

    def take_first(self) -> Run:
        """The run that is next; it leaves the queue."""
        return self.queued.pop(self.order.pop(0))

    def take(self, run: Run) -> None:
        """A run leaves the queue for another reason."""
        self.order.remove(run.id)
        del self.queued[run.id]

    def put_back(self, run: Run) -> None:
        """A run that was begun goes to the front again."""
        run.status, run.draining = "queued", False
        self.order.insert(0, run.id)
        self.queued[run.id] = run
        self.save(run)
        self._save_order()
        self.tell(run)
        self.tell_order()

    async def move(self, run: Run, position: int) -> None:
        """Give a queued run another place."""
        self.order.remove(run.id)
        self.order.insert(max(0, position), run.id)
        await self._save_order()
        self.tell_order()

    async def close_entry(
        self, run: Run, status: str, problems: Sequence[dict[str, Any]] = (), problem_count: int = 0
    ) -> None:
        """A run has ended: written down first, told then. Of many problems the first are kept, and the count of all."""
        run.status, run.finished, run.cancelling, run.draining = status, time.time(), False, False
        run.problems, run.problem_count = [*problems[:MOST_PROBLEMS]], max(problem_count, len(problems))
        await self.save(run)
        self.recent.appendleft(run)
        self.tell(run)

    def forget(self, run_id: str) -> None:
        """A run that has ended is gone for good."""
        for run in [run for run in self.recent if run.id == run_id]:
            self.recent.remove(run)
        self._hub.publish("run_removed", id=run_id)

    def save(self, run: Run) -> asyncio.Future[None]:
        """Write a run down as it is now."""
        values, run_id = run_store.columns(run), run.id
        return self._database.do(lambda db: run_store.update(db, run_id, values))

    def describe(self, run: Run) -> dict[str, Any]:
        """A run as the API tells it."""
        return run.as_json(self.order.index(run.id) if run.id in self.queued else None)

    def tell(self, run: Run) -> None:
        """Tell clients about a run."""
        self._hub.publish("run", run=self.describe(run))

    def tell_order(self) -> None:
        """Tell clients about the order of the queue."""
        self._hub.publish("queue", order=self.order)
        self.order_changed()

    async def _catch_up(self, run: Run) -> None:
        """A run's row is written when its state changes; what it did since then is in its events."""
        artifacts, warnings = RunArtifacts(run), RunWarnings(run)
        for event in await self._database.do(lambda db: run_store.events_of(db, run.id, run.last_number)):
            artifacts.take(event)
            warnings.take(event)
            run.last_number = event["number"]

    def _save_order(self) -> asyncio.Future[None]:
        order = list(self.order)
        return self._database.do(lambda db: run_store.put_in_order(db, order))
