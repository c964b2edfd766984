"""How runs leave the desk: ended, or back to the front of the queue.

A run whose end cannot be written down now has ended all the same, and it is written down later. When a worker dies, all
its runs go back in their order; one that alone was to blame for the death of `MOST_DEATHS` workers (see `blame`) has
failed; one that was to be cancelled has then been cancelled.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from server.hub import Hub
from server.runs import store
from server.runs.attempt import RunWork
from server.runs.queue_order import QueueOrder
from server.storage.database import Database
from server.workers.failures import Failure
from server.workers.suspects import ActiveCall

MOST_DEATHS = 3
_TIDY_EVERY = 50
_LOG = logging.getLogger("jacquard.server")


class Endings:
    """Takes runs out of `works`; `left` is called when one has made room by its end."""

    def __init__(
        self, works: dict[str, RunWork], book: QueueOrder, database: Database, hub: Hub, left: Callable[[], None]
    ) -> None:
        self._works = works
        self._book = book
        self._database = database
        self._hub = hub
        self._left = left
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def end(self, work: RunWork, status: str, problems: Sequence[dict[str, Any]] = (), problem_count: int = 0) -> None:
        """A run has ended; it is gone when that is written down."""
        work.ending = True
        task = asyncio.create_task(self._end(work, status, problems, problem_count))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def put_back(self, work: RunWork) -> None:
        """A run is to be begun again."""
        self._leave(work)
        self._book.put_back(work.run)

    def after_death(self, failure: Failure, blamed: Sequence[ActiveCall]) -> None:
        """The worker of all these runs is gone."""
        guilty = {item.run: item for item in blamed}
        for work in [work for work in self._works.values() if not work.ending][::-1]:
            run, at_work = work.run, guilty.get(work.run.id)
            if run.cancelling:
                work.end_nodes("node_cancelled", "cancelled", at_work.node if at_work else "")
                self.end(work, "cancelled")
            elif at_work is None or not work.submitted:
                work.end_nodes("node_cancelled", "", "")
                self.put_back(work)
            else:
                run.deaths += len(guilty) == 1
                self._blame(work, replace(failure, run=run.id, node=at_work.node))

    async def settle(self) -> None:
        """Wait until everything that ended is written down."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _end(self, work: RunWork, status: str, problems: Sequence[dict[str, Any]], problem_count: int) -> None:
        try:
            await work.settle()
            if not await self._book.end(work.run, status, problems, problem_count):
                _LOG.error("the end of run %s is written down when the disk takes it", work.run.id)
        except Exception as error:  # noqa: BLE001 - whatever it is, what comes next must not wait for it
            _LOG.critical("the end of run %s could not be told", work.run.id, exc_info=error)
        self._leave(work)
        self._count += 1
        if self._count % _TIDY_EVERY == 0:
            self._database.later(store.tidy)
        self._left()

    def _blame(self, work: RunWork, failure: Failure) -> None:
        run = work.run
        run.failures.append({**failure.as_json(), "attempt": run.attempt})
        problem = {"code": "worker_died", "message": failure.message, "node": failure.node}
        if run.deaths >= MOST_DEATHS:
            problem["remedy"] = "Use smaller pictures or batches, or leave out the node that ends the worker."
        problem = {name: value for name, value in problem.items() if value}
        if run.deaths < MOST_DEATHS:
            work.end_nodes("node_failed", "", failure.node, problem=problem, traceback="")
            self.put_back(work)
            return
        work.end_nodes("node_failed", "failed", failure.node, problem=problem, traceback="")
        self.end(work, "failed", [problem])

    def _leave(self, work: RunWork) -> None:
        self._works.pop(work.run.id, None)
        self._hub.forget_previews(work.run.id)
