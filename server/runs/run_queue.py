"""Everything that clients can do with runs: submit, read, cancel, move, delete. What is acknowledged is stored."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from collections.abc import Sequence
from itertools import islice

from graph.document.literals import shown
from graph.files.folders import Files
from server.errors import ApiError, not_found, refused_with
from server.hub import Hub
from server.requests.json_body import LARGE
from server.runs import explanation, node_states, store
from server.runs.dispatcher import Dispatcher
from server.runs.documents import whole_document
from server.runs.large_bodies import LargeBodyProcess
from server.runs.queue_order import QueueOrder
from server.runs.run import Run
from server.runs.submission import Prepared, Submission, examine
from server.shapes.encoding import encode
from server.shapes.events import Events
from server.shapes.runs import RunInfo, Runs, Submitted
from server.storage.database import Database
from server.storage.node_type_store import Catalogue
from server.workers.worker import ENDED


class RunQueue:
    """The operations of clients on runs."""

    def __init__(
        self,
        queue_order: QueueOrder,
        dispatcher: Dispatcher,
        database: Database,
        hub: Hub,
        catalogue: Catalogue,
        files: Files,
        large_bodies: LargeBodyProcess,
    ) -> None:
        self._queue_order = queue_order
        self._dispatcher = dispatcher
        self._database = database
        self._hub = hub
        self._catalogue = catalogue
        self._files = files
        self._large_bodies = large_bodies

    async def examine(self, body: bytes) -> Submission:
        """Parses and checks the body of a submission, a large one in another process. Raises `ApiError`."""
        catalogue = self._catalogue
        if len(body) < LARGE:
            return await asyncio.to_thread(
                examine, body, registry=catalogue.registry, trusted=catalogue.current, files=self._files
            )
        known = catalogue.registry is not None
        facts = {"has_node_types": known, "trusted": catalogue.current}
        answer = await self._large_bodies.ask("examine", facts, body, node_types=catalogue.body if known else b"")
        found, text = answer.facts, answer.payload.decode()
        if found["prepared"] is not None:
            found["prepared"] = Prepared(text=text, **found["prepared"])
        return Submission(**found)

    async def submit(self, submission: Submission) -> Submitted:
        """Adds a run to the queue; returns it with its advanced seeds. Raises `ApiError` for one that cannot run.

        The same request under the same key answers with the first one's run; another one is refused.
        """
        key, prepared = submission.key, submission.prepared
        if key is not None and (known := await self._database.do(lambda db: store.find_by_key(db, key))):
            run_id, digest, changed = known
            if digest not in ("", submission.digest):
                raise ApiError(
                    409,
                    "key_in_use",
                    f"Another request has used the key {shown(key)} already.",
                    "Draw a new key for each run; send one again only with the very same request.",
                )
            return Submitted(run=await self.describe(run_id), changed=changed)
        if prepared is None:
            raise refused_with(submission.problems, submission.problem_count)
        run = Run(
            uuid.uuid4().hex,
            title=prepared.title,
            client=submission.client,
            targets=submission.targets,
            node_count=prepared.node_count,
        )
        changed = dict(prepared.changed)
        digest, text = submission.digest, prepared.text
        try:
            await self._database.do(lambda db: store.insert(db, run, key, digest, changed, text))
        except sqlite3.IntegrityError:
            if key is None:
                raise
            return await self.submit(submission)  # another request with the same key was first
        self._queue_order.add(run)
        answer = Submitted(run=self._queue_order.describe(run), changed=changed)
        self._dispatcher.start_next({run.id: text})
        return answer

    async def describe(self, run_id: str) -> RunInfo:
        """Returns a run for the API."""
        return self._queue_order.describe(await self._get(run_id))

    async def cancel(self, run_id: str) -> RunInfo:
        """Cancels a run. A queued one has ended at once; one that has ended is not changed."""
        run = await self._get(run_id)
        if run_id in self._queue_order.queued:
            await self._queue_order.cancel(run)
        else:
            await self._dispatcher.cancel(run)
        return self._queue_order.describe(run)

    async def move(self, run_id: str, position: int) -> RunInfo:
        """Moves a queued run."""
        run = await self._get(run_id)
        if run_id not in self._queue_order.queued:
            raise ApiError(409, "not_queued", "Only a queued run can be moved.", "Look at the queue again.")
        await self._queue_order.move(run, position)
        return self._queue_order.describe(run)

    async def forget(self, run_id: str) -> None:
        """Deletes a run that has ended."""
        run = await self._get(run_id)
        if not run.ended:
            raise ApiError(409, "not_ended", "The run has not ended.", "Cancel it first.")
        await self._database.do(lambda db: store.forget(db, run_id))
        self._queue_order.forget(run_id)

    async def find(self, statuses: Sequence[str], limit: int, before: str | None) -> Runs:
        """Returns a page of runs: queued ones in queue order, active ones, then the others, newest first.

        `before` is what an earlier answer gave, or a run's id. A run that is moved on meanwhile may come twice.
        """
        ended = [status for status in statuses if status in ENDED]
        found: list[Run] = []
        number = None
        if before is None or self._is_here(before):
            here: list[Run] = []
            if "queued" in statuses:
                here += [self._queue_order.queued[run_id] for run_id in self._queue_order.run_ids]
            if "running" in statuses:
                here += [attempt.run for attempt in self._dispatcher.attempts.values()]
            here += [run for run in self._queue_order.unwritten.values() if run.status in statuses]
            ids = [run.id for run in here]
            found = here[ids.index(before) + 1 :] if before in ids else here
        else:
            number = await self._database.do(lambda db: store.place_of(db, before))
            if number is None:
                raise not_found(f"run {shown(before)} to go on from")
        if len(found) < limit + 1 and ended:
            rest = limit + 1 - len(found)
            found += await self._database.do(lambda db: store.ended(db, ended, rest, number))
        page = found[:limit]
        following = None
        if len(found) > limit:
            last = page[-1].id
            following = last if self._is_here(last) else await self._database.do(lambda db: store.cursor_of(db, last))
        return Runs(runs=[self._queue_order.describe(run) for run in page], next=following)

    async def nodes(self, run_id: str) -> dict[str, node_states.NodeState]:
        """Returns the states of the nodes of a run."""
        if (attempt := self._dispatcher.attempts.get(run_id)) is not None:
            return attempt.states
        batches = await self._batches(run_id, 0)

        def make() -> dict[str, node_states.NodeState]:
            states: dict[str, node_states.NodeState] = {}
            node_states.fold(states, store.events_in(batches))
            return states

        return await asyncio.to_thread(make)

    async def events(self, run_id: str, after: int, limit: int) -> bytes:
        """Returns the stored events of a run with a number above `after`, as JSON."""
        await self._get(run_id)
        batches = await self._batches(run_id, after)

        def make() -> bytes:
            found = list(islice(store.events_in(batches, after), limit + 1))
            following = found[limit - 1]["number"] if len(found) > limit else None
            return encode(Events(events=found[:limit], next=following))

        return await asyncio.to_thread(make)

    async def explanation(self, run_id: str, offset: int, limit: int, node: str | None) -> bytes:
        """Returns what the nodes of a run did and why, as JSON; computed off the event loop, because it may be long."""
        run = await self.describe(run_id)
        batches = await self._batches(run_id, 0)
        text = await whole_document(self._database, run_id) or ""
        status = run.status
        if len(text) < LARGE:
            return await asyncio.to_thread(explanation.as_json, run_id, status, batches, text, offset, limit, node)
        facts = {"run": run_id, "status": status, "page": [offset, limit, node]}
        parts = [part.encode() for part in (*batches, text)]
        return (await self._large_bodies.ask("explain", facts, *parts)).payload

    async def workflow(self, run_id: str) -> str:
        """Returns the document of a run as JSON text."""
        text = await whole_document(self._database, run_id)
        if text is None:
            await self._get(run_id)
            raise not_found(f"document of the run {run_id!r}: it is not in the database, or damaged")
        return text

    async def _batches(self, run_id: str, after: int) -> list[str]:
        return await self._database.do(lambda db: store.batches_of(db, run_id, after))

    def _is_here(self, run_id: str) -> bool:
        """Whether a run is in memory."""
        return (
            run_id in self._queue_order.queued
            or run_id in self._dispatcher.attempts
            or run_id in self._queue_order.unwritten
        )

    async def _get(self, run_id: str) -> Run:
        if (attempt := self._dispatcher.attempts.get(run_id)) is not None:
            return attempt.run
        known = self._queue_order.queued.get(run_id) or self._queue_order.unwritten.get(run_id)
        run = known or await self._database.do(lambda db: store.get(db, run_id))
        if run is None:
            raise not_found(f"run {run_id!r}")
        # It may have been started during the query.
        attempt = self._dispatcher.attempts.get(run_id)
        return attempt.run if attempt is not None else self._queue_order.queued.get(run_id) or run
