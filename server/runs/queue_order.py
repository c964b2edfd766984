"""The order of the queue and the runs that ended recently, in memory and in the database.

Runs that were running when the server ended, in whatever way, are at the front of the queue at the next start, with the
artifacts that they made. A run that was being cancelled is cancelled.
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
    """Stores every change in order; awaited changes are on the disk.

    A request of a client is refused if it cannot be stored. A change that a run itself causes (start, end, requeueing)
    is valid at once and is stored when the disk accepts it: a failing disk does not block the queue. Changes that were
    not stored when the server ends are lost, and such runs run again.
    """

    def __init__(self, database: Database, hub: Hub) -> None:
        self.run_ids: list[str] = []
        self.queued: dict[str, Run] = {}
        self.recent: deque[Run] = deque(maxlen=_RECENT)
        self.unwritten: dict[str, Run] = {}
        """Runs that have ended and whose end is not stored yet, because the disk fails."""
        self.changed: Signal[[]] = Signal()
        """Emitted whenever the order of the queue changes."""
        self._database = database
        self._hub = hub

    async def open(self) -> None:
        """Loads the unfinished runs of an earlier server. A disk that refuses writes does not block this."""
        self._database.write_in_background(store.prune)
        await self._database.write_eventually(
            store.repair, lambda count: _LOG.warning("%d entries of runs were repaired", count) if count else None
        )
        for run in await self._database.do(store.unfinished):
            if run.status == "running":
                await self._catch_up(run)
            if run.cancelling:
                await self.end(run, "cancelled")
                continue
            if damaged := [name for name in run.damaged if name in ESSENTIAL]:
                await self.end(run, "failed", [_damaged(f"the columns {', '.join(damaged)} of its entry are damaged")])
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
        """Writes all unfinished runs into the database that replaced a damaged one."""
        for run, document in [*attempts, *((run, "") for run in self.queued.values())]:
            values = columns(run)
            self._database.write_eventually(partial(store.restore, run=run, values=values, workflow=document))
        self._save_order()

    def add(self, run: Run) -> None:
        """Appends a new run, which is in the database already, to the queue."""
        self.run_ids.append(run.id)
        self.queued[run.id] = run
        self.publish_run(run)
        self.publish_order()

    @property
    def first(self) -> Run | None:
        """The first run of the queue, if there is one."""
        return self.queued[self.run_ids[0]] if self.run_ids else None

    def take_first(self) -> Run:
        """Removes the first run from the queue and returns it."""
        return self.queued.pop(self.run_ids.pop(0))

    def take(self, run: Run) -> None:
        """Removes a run from the queue."""
        self.run_ids.remove(run.id)
        del self.queued[run.id]

    def requeue(self, run: Run) -> None:
        """Puts a run that was started back to the front."""
        run.status, run.draining = "queued", False
        self.run_ids.insert(0, run.id)
        self.queued[run.id] = run
        self.save_eventually(run)
        self._save_order()
        self.publish_run(run)
        self.publish_order()

    async def move(self, run: Run, position: int) -> None:
        """Moves a queued run. Raises, and changes nothing, if that cannot be stored."""
        before = list(self.run_ids)
        self.run_ids.remove(run.id)
        self.run_ids.insert(max(0, position), run.id)
        after = list(self.run_ids)
        try:
            await self._database.do(lambda db: store.put_in_order(db, after))
        except Exception:
            place = before.index(run.id)
            if run.id in self.queued:  # the queue may have changed meanwhile
                self.run_ids.remove(run.id)
                self.run_ids.insert(min(place, len(self.run_ids)), run.id)
            raise
        self.publish_order()

    async def cancel(self, run: Run) -> None:
        """Cancels a queued run. Raises, and changes nothing, if that cannot be stored."""
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
        """Ends a run: stores the end if the disk accepts it, then publishes it. Returns whether it was stored.

        Of many problems the first are kept, with the count of all.
        """
        _set_end(run, status, problems, problem_count)
        self.unwritten[run.id] = run
        is_written = await self.save_eventually(run)
        self._publish_end(run)
        return is_written

    def forget(self, run_id: str) -> None:
        """Forgets a run that has ended."""
        for run in [run for run in self.recent if run.id == run_id]:
            self.recent.remove(run)
        self._hub.publish(RunRemoved(id=run_id))

    def save(self, run: Run) -> asyncio.Future[None]:
        """Stores a run as it is now. The future has the error if that fails."""
        values, run_id = columns(run), run.id
        return self._database.do(lambda db: store.update(db, run_id, values))

    def save_eventually(self, run: Run) -> asyncio.Future[bool]:
        """Stores a run as it is now, once the disk accepts it. The future says whether the first try succeeded."""
        values, run_id = columns(run), run.id

        def written(_: None) -> None:
            if self.unwritten.get(run_id) is run and values["status"] == run.status:
                del self.unwritten[run_id]

        return self._database.write_eventually(lambda db: store.update(db, run_id, values), written)

    def describe(self, run: Run) -> RunInfo:
        """Returns a run for the API, with its place in the queue."""
        return run.info(self.run_ids.index(run.id) if run.id in self.queued else None)

    def publish_run(self, run: Run) -> None:
        """Publishes a run to clients."""
        self._hub.publish(RunChanged(run=self.describe(run)))

    def publish_order(self) -> None:
        """Publishes the order of the queue, to clients and to other parts."""
        self._hub.publish(QueueChanged(order=self.run_ids))
        self.changed.emit()

    async def _catch_up(self, run: Run) -> None:
        """Updates a run by its later events: its row is written only when its status changes."""
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
    """Returns the problem of a run that cannot start because its entry in the database is damaged."""
    return {"code": "damaged", "message": f"The run cannot be done: {what}.", "remedy": "Run the workflow again."}
