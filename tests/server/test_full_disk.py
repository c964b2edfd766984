"""When the disk is full: requests are told so, the queue goes on, and nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

from server.services import Services
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker

DOCUMENT = {"workflow": {"jacquard": 1, "description": "x" * 50_000, "nodes": {}}}


async def _let_grow(services: Services, pages: int) -> None:
    """Bound the database as a full disk does: `pages` more than now, or fewer than that."""
    await services.database.do(
        lambda db: db.execute(
            f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0] + pages}"
        ).fetchone()
    )


@asynchronous
async def test_a_run_that_cannot_be_kept_is_refused_and_the_queue_goes_on(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, services):
        first = await (await client.post("/api/v1/runs", json=DOCUMENT)).json()
        second = await (await client.post("/api/v1/runs", json=DOCUMENT)).json()
        await _let_grow(services, 0)
        refused = await client.post("/api/v1/runs", json=DOCUMENT)
        assert refused.status == 507
        assert (await refused.json())["error"]["code"] == "storage"
        # The end of the first run is too large to be written down now; the second is begun all the same.
        problems = [{"code": "x", "message": "y" * 500_000}]
        worker.say(type="done", run=first["run"]["id"], status="failed", problems=problems)
        while [job.run for job in worker.jobs] != [first["run"]["id"], second["run"]["id"]]:
            await asyncio.sleep(0)
        await _let_grow(services, 10_000)
        worker.finish(second["run"]["id"])
        while services.dispatcher.attempts:
            await asyncio.sleep(0)
        answer = await (await client.get(f"/api/v1/runs/{second['run']['id']}")).json()
        assert answer["run"]["status"] == "finished"
    async with serving(tmp_path, ToyWorker()) as (client, services):
        while services.dispatcher.attempts or services.queue_order.run_ids:
            await asyncio.sleep(0)
        runs = (await (await client.get("/api/v1/runs")).json())["runs"]
        assert {run["id"]: run["status"] for run in runs} == {
            first["run"]["id"]: "failed", second["run"]["id"]: "finished"
        }  # fmt: skip


@asynchronous
async def test_a_worker_that_speaks_of_other_runs_changes_nothing(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, services):
        run = (await (await client.post("/api/v1/runs", json=DOCUMENT)).json())["run"]["id"]
        while not worker.jobs:
            await asyncio.sleep(0)
        worker.say(type="done", run="another", status="finished", problems=[])
        worker.say(type="events", run="another", events=[{"event": "run_finished", "number": 9}])
        worker.say(type="catalogue", nodes=[{"id": "broken"}])
        worker.say(type="no such thing")
        worker.finish(run)
        while services.dispatcher.attempts:
            await asyncio.sleep(0)
        answer = await (await client.get(f"/api/v1/runs/{run}")).json()
        assert answer["run"]["status"] == "finished"
        assert (await (await client.get(f"/api/v1/runs/{run}/events")).json())["events"] == []
