"""The book of runs: which wait, in which order, and which ended lately. Held in memory, written to the database.

What was running when the server ended, however it ended, is at the front of the queue at the next start, and knows what
it made until then; what was to be cancelled is cancelled.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable
from functools import partial
from typing import Any

from server.hub import Hub
from server.runs import store
from server.runs.artifacts import RunArtifacts
from server.runs.rows import ESSENTIAL, columns
from server.runs.run import Problems, Run
from server.runs.warnings import RunWarnings
from server.shapes.messages import QueueChanged, RunChanged, RunRemoved
from server.shapes.runs import RunInfo, RunStatus
from server.signals import Signal
from server.storage.database import Database
from server.workers.worker import ENDED

MOST_PROBLEMS = 100
_RECENT = 30
_LOG = logging.getLogger("jacquard.server")


class QueueOrder:
    """Every change is written down in order; those that are awaited are on the disk.

    What a client asks for is refused when it cannot be written down. What comes of the work itself (a beginning, an
    end, a run put back) holds at once, and is written down when the disk takes it: a disk that fails does not hold the
    queue up. Of what it did not take until the server ends, nothing is known after that: such runs are done again.
    """

    def __init__(self, database: Database, hub: Hub) -> None:
        self.run_ids: list[str] = []
        self.queued: dict[str, Run] = {}
        self.recent: deque[Run] = deque(maxlen=_RECENT)
        self.unwritten: dict[str, Run] = {}
        """Runs that have ended, and wait for a disk that fails to be written down so."""
        self.changed: Signal[[]] = Signal()
        """Emitted whenever the order of the queue changes."""
        self._database = database
        self._hub = hub

    async def open(self) -> None:
        """Take up what an earlier server left, as far as it is whole. A disk that takes nothing holds nobody up."""
        self._database.write_in_background(store.prune)
        await self._database.write_eventually(
            store.repair, lambda count: _LOG.warning("%d entries of runs were mended", count) if count else None
        )
        for run in await self._database.do(store.unfinished):
            if run.status == "running":
                await self._catch_up(run)
            if run.cancelling:
                await self.end(run, "cancelled")
                continue
            if damaged := [name for name in run.damaged if name in ESSENTIAL]:
                await self.end(
                    run, "failed", [_damaged(f"the columns {', '.join(damaged)} of its entry make no sense")]
                )
                continue
            if run.status == "running":
                run.status = "queued"
                self.save_eventually(run)
            self.run_ids.append(run.id)
            self.queued[run.id] = run
        await self._save_order()
        self.recent.clear()
        self.recent.extend(await self._database.do(lambda db: store.ended(db, ENDED, _RECENT)))

    def restore_rows(self, attempts: Iterable[tuple[Run, str]]) -> None:
        """Another database has the place of one that was damaged: what is known of runs that have not ended goes in."""
        for run, document in [*attempts, *((run, "") for run in self.queued.values())]:
            values = columns(run)
            self._database.write_eventually(partial(store.restore, run=run, values=values, workflow=document))
        self._save_order()

    def add(self, run: Run) -> None:
        """A new run, last in the queue; it is in the database already."""
        self.run_ids.append(run.id)
        self.queued[run.id] = run
        self.publish_run(run)
        self.publish_order()

    @property
    def first(self) -> Run | None:
        """The run that is next."""
        return self.queued[self.run_ids[0]] if self.run_ids else None

    def take_first(self) -> Run:
        """The run that is next; it leaves the queue."""
        return self.queued.pop(self.run_ids.pop(0))

    def take(self, run: Run) -> None:
        """A run leaves the queue for another reason."""
        self.run_ids.remove(run.id)
        del self.queued[run.id]

    def requeue(self, run: Run) -> None:
        """A run that was begun goes to the front again."""
        run.status, run.draining = "queued", False
        self.run_ids.insert(0, run.id)
        self.queued[run.id] = run
        self.save_eventually(run)
        self._save_order()
        self.publish_run(run)
        self.publish_order()

    async def move(self, run: Run, position: int) -> None:
        """Give a queued run another place. What cannot be written down is not done."""
        before = list(self.run_ids)
        self.run_ids.remove(run.id)
        self.run_ids.insert(max(0, position), run.id)
        after = list(self.run_ids)
        try:
            await self._database.do(lambda db: store.put_in_order(db, after))
        except Exception:
            place = before.index(run.id)
            if run.id in self.queued:  # others may have come and gone meanwhile
                self.run_ids.remove(run.id)
                self.run_ids.insert(min(place, len(self.run_ids)), run.id)
            raise
        self.publish_order()

    async def cancel(self, run: Run) -> None:
        """A queued run has been cancelled: written down first, or not done."""
        place = self.run_ids.index(run.id)
        self.take(run)
        before = run.status, run.finished, run.problems, run.problem_count
        _set_end(run, "cancelled")
        try:
            await self.save(run)
        except Exception:
            run.status, run.finished, run.problems, run.problem_count = before
            self.run_ids.insert(min(place, len(self.run_ids)), run.id)
            self.queued[run.id] = run
            raise
        self._publish_end(run)
        self.publish_order()

    async def end(self, run: Run, status: RunStatus, problems: Problems = (), problem_count: int = 0) -> bool:
        """A run has ended: written down first where the disk takes it, told then. Returns whether it was written down.

        Of many problems the first are kept, and the count of all.
        """
        _set_end(run, status, problems, problem_count)
        self.unwritten[run.id] = run
        is_written = await self.save_eventually(run)
        self._publish_end(run)
        return is_written

    def forget(self, run_id: str) -> None:
        """A run that has ended is gone for good."""
        for run in [run for run in self.recent if run.id == run_id]:
            self.recent.remove(run)
        self._hub.publish(RunRemoved(id=run_id))

    def save(self, run: Run) -> asyncio.Future[None]:
        """Write a run down as it is now, for somebody who can be told that it is not possible."""
        values, run_id = columns(run), run.id
        return self._database.do(lambda db: store.update(db, run_id, values))

    def save_eventually(self, run: Run) -> asyncio.Future[bool]:
        """Write a run down as it is now, once the disk takes it. The answer is whether it did."""
        values, run_id = columns(run), run.id

        def written(_: None) -> None:
            if self.unwritten.get(run_id) is run and values["status"] == run.status:
                del self.unwritten[run_id]

        return self._database.write_eventually(lambda db: store.update(db, run_id, values), written)

    def describe(self, run: Run) -> RunInfo:
        """A run as the API tells it."""
        return run.info(self.run_ids.index(run.id) if run.id in self.queued else None)

    def publish_run(self, run: Run) -> None:
        """Tell clients about a run."""
        self._hub.publish(RunChanged(run=self.describe(run)))

    def publish_order(self) -> None:
        """Tell clients about the order of the queue."""
        self._hub.publish(QueueChanged(order=self.run_ids))
        self.changed.emit()

    async def _catch_up(self, run: Run) -> None:
        """A run's row is written when its state changes; what it did since then is in its events."""
        artifacts, warnings = RunArtifacts(run), RunWarnings(run)
        for event in await self._database.do(lambda db: store.events_of(db, run.id, run.last_number)):
            run.last_number = max(run.last_number, event["number"])
            try:
                artifacts.fold(event)
                warnings.fold(event)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                _LOG.warning("an entry of run %s is damaged: %r", run.id, error)

    def _publish_end(self, run: Run) -> None:
        self.recent.appendleft(run)
        self.publish_run(run)

    def _save_order(self) -> asyncio.Future[bool]:
        order = list(self.run_ids)
        return self._database.write_eventually(lambda db: store.put_in_order(db, order))


def _set_end(run: Run, status: RunStatus, problems: Problems = (), problem_count: int = 0) -> None:
    run.status, run.finished, run.cancelling, run.draining = status, time.time(), False, False
    run.problems, run.problem_count = [*problems[:MOST_PROBLEMS]], max(problem_count, len(problems))


def _damaged(what: str) -> dict[str, Any]:
    """The problem of a run that cannot be done because of its entry in the database."""
    return {"code": "damaged", "message": f"The run cannot be done: {what}.", "remedy": "Run the workflow again."}
