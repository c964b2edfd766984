"""What clients may do with runs: submit, look at, cancel, move, forget. What was acknowledged is in the database."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graph.files import Files
from server import explanation, node_states, run_store
from server.catalogue import Catalogue
from server.database import Database
from server.errors import ApiError, not_found
from server.hub import Hub
from server.run import ENDED, Run
from server.run_book import RunBook
from server.run_desk import RunDesk
from server.submission import prepare


@dataclass(frozen=True, slots=True)
class Submission:
    """A request to run something."""

    workflow: object
    targets: list[str] | None = None
    advance_seeds: bool = False
    client: str = ""
    key: str | None = None


class RunQueue:
    """The runs, as clients see them."""

    def __init__(
        self, book: RunBook, desk: RunDesk, database: Database, hub: Hub, catalogue: Catalogue, files: Files
    ) -> None:
        self._book = book
        self._desk = desk
        self._database = database
        self._hub = hub
        self._catalogue = catalogue
        self._files = files

    async def submit(self, submission: Submission) -> tuple[dict[str, Any], dict[str, Any]]:
        """Take a run in; answers with it and the seeds that moved. Raises `WorkflowError`.

        A second submission under the same key answers with the first one's run.
        """
        key = submission.key
        if key is not None and (known := await self._database.do(lambda db: run_store.find_by_key(db, key))):
            return await self.describe(known[0]), known[1]
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
            uuid.uuid4().hex,
            title=prepared.title,
            client=submission.client,
            targets=submission.targets,
            node_count=prepared.node_count,
        )
        changed = dict(prepared.changed)
        try:
            await self._database.do(lambda db: run_store.insert(db, run, key, changed, prepared.text))
        except sqlite3.IntegrityError:
            return await self.submit(submission)  # the same key arrived twice at once, and the other was first
        self._book.add(run)
        answer = self._book.describe(run)
        self._desk.wake({run.id: prepared.text})
        return answer, changed

    async def describe(self, run_id: str) -> dict[str, Any]:
        """A run as the API tells it."""
        return self._book.describe(await self._get(run_id))

    async def cancel(self, run_id: str) -> dict[str, Any]:
        """Ask a run to stop; a queued one has ended at once, one that has ended stays as it is."""
        run = await self._get(run_id)
        if run_id in self._book.queued:
            self._book.take(run)
            try:
                await self._book.close_entry(run, "cancelled")
            except sqlite3.Error:
                self._book.put_back(run)
                raise
            self._book.tell_order()
        else:
            await self._desk.cancel(run)
        return self._book.describe(run)

    async def move(self, run_id: str, position: int) -> dict[str, Any]:
        """Give a queued run another place."""
        run = await self._get(run_id)
        if run_id not in self._book.queued:
            raise ApiError(409, "not_queued", "Only a queued run can be moved.", "Look at the queue again.")
        await self._book.move(run, position)
        return self._book.describe(run)

    async def forget(self, run_id: str) -> None:
        """Delete a run that has ended."""
        run = await self._get(run_id)
        if not run.ended:
            raise ApiError(409, "not_ended", "The run has not ended.", "Cancel it first.")
        await self._database.do(lambda db: run_store.forget(db, run_id))
        self._book.forget(run_id)

    async def find(self, statuses: Sequence[str], limit: int, before: str | None) -> list[dict[str, Any]]:
        """Runs with some statuses: queued ones in queue order, the running ones, then the others, newest first."""
        found: list[Run] = []
        if before is None and "queued" in statuses:
            found += [self._book.queued[run_id] for run_id in self._book.order]
        if before is None and "running" in statuses:
            found += [work.run for work in self._desk.works.values()]
        ended = [status for status in statuses if status in ENDED]
        if ended and len(found) < limit:
            rest = limit - len(found)
            found += await self._database.do(lambda db: run_store.ended(db, ended, rest, before))
        return [self._book.describe(run) for run in found[:limit]]

    async def nodes(self, run_id: str) -> dict[str, node_states.NodeState]:
        """What each node of a run is doing, or did."""
        if (work := self._desk.works.get(run_id)) is not None:
            return work.states
        batches = await self._batches(run_id, 0)

        def make() -> dict[str, node_states.NodeState]:
            states: dict[str, node_states.NodeState] = {}
            node_states.fold(states, run_store.events_in(batches))
            return states

        return await asyncio.to_thread(make)

    async def events(self, run_id: str, after: int) -> bytes:
        """The kept events of a run with a number above `after`, as JSON: a stream may have tens of thousands."""
        await self._get(run_id)
        batches = await self._batches(run_id, after)
        return await asyncio.to_thread(
            lambda: json.dumps({"events": list(run_store.events_in(batches, after))}).encode()
        )

    async def explanation(self, run_id: str, offset: int, limit: int, node: str | None) -> bytes:
        """What the nodes of a run did and why, as JSON: made off the event loop, for it may be long."""
        run = await self.describe(run_id)
        batches = await self._batches(run_id, 0)
        text = await self._database.do(lambda db: run_store.workflow_of(db, run_id))

        def make() -> bytes:
            found = explanation.explain(run_store.events_in(batches))
            told = explanation.describe(found, json.loads(text or "{}"), offset, limit, node)
            return json.dumps({"run": run_id, "status": run["status"], **told}).encode()

        return await asyncio.to_thread(make)

    async def workflow(self, run_id: str) -> Any:
        """The document that a run runs."""
        text = await self._database.do(lambda db: run_store.workflow_of(db, run_id))
        if text is None:
            raise not_found(f"run {run_id!r}")
        return json.loads(text)

    async def _batches(self, run_id: str, after: int) -> list[str]:
        return await self._database.do(lambda db: run_store.batches_of(db, run_id, after))

    async def _get(self, run_id: str) -> Run:
        if (work := self._desk.works.get(run_id)) is not None:
            return work.run
        run = self._book.queued.get(run_id) or await self._database.do(lambda db: run_store.get(db, run_id))
        if run is None:
            raise not_found(f"run {run_id!r}")
        # It may have been taken from the queue to the desk while the database was asked.
        work = self._desk.works.get(run_id)
        return work.run if work is not None else self._book.queued.get(run_id) or run
