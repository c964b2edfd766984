"""The book of runs: which wait, in which order, and which ended lately. Held in memory, written to the database.

What was running when the server ended, however it ended, is at the front of the queue at the next start; what was to be
cancelled then is cancelled.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from server import run_store
from server.database import Database
from server.hub import Hub
from server.run import ENDED, Run

_RECENT = 30


class RunBook:
    """Every change is written down in order; those that are awaited are on the disk."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self.order: list[str] = []
        self.queued: dict[str, Run] = {}
        self.recent: deque[Run] = deque(maxlen=_RECENT)
        self._database = database
        self._hub = hub

    async def open(self) -> None:
        """Take up what an earlier server left."""
        await self._database.do(run_store.tidy)
        for run in await self._database.do(run_store.unfinished):
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
        run.status = "queued"
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

    async def close_entry(self, run: Run, status: str, problems: Sequence[dict[str, Any]] = ()) -> None:
        """A run has ended: written down first, told then."""
        run.status, run.finished, run.cancelling, run.problems = status, time.time(), False, [*problems]
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

    def _save_order(self) -> asyncio.Future[None]:
        order = list(self.order)
        return self._database.do(lambda db: run_store.put_in_order(db, order))
