"""The order of the queue: every change is stored and told, and one that cannot be stored changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.server.test_full_disk import serving
from tests.support.runs_at_work import Deaths, events, order, run_of, submit, until
from tests.support.serving import asynchronous
from tests.support.toy_worker import ToyWorker


@asynchronous
async def test_after_a_kill_of_the_server_both_are_first_in_their_order_and_know_what_they_made(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    picture = {"folder": "output", "name": "a.png", "media": "image/png"}
    async with serving(tmp_path, worker) as (client, services):
        a, b, c = await submit(client, 3)
        await client.post(f"/api/v1/runs/{c}/move", json={"position": 0})
        await until(lambda: worker.jobs)
        worker.say(type="draining", run=a)
        await until(lambda: len(worker.jobs) == 2)
        events(worker, a, [("run_started", "")])
        told = {"event": "node_finished", "run": a, "node": "2", "keys": ["aa"], "seconds": 0.1, "artifacts": [picture]}
        worker.say(type="events", run=a, events=[{**told, "number": 2}])
        await until(lambda: services.dispatcher.attempts[a].run.last_number == 2)
        await services.database.do(lambda _: None)
        killed = tmp_path / "killed"
        killed.mkdir()
        with closing(sqlite3.connect(tmp_path / "jacquard.sqlite3")) as as_it_is:
            as_it_is.execute("VACUUM INTO ?", [str(killed / "jacquard.sqlite3")])
    workers = Deaths()
    async with serving(killed, workers) as (client, services):
        await until(lambda: workers.made and workers.worker.jobs)
        assert order(services) == [a, c, b]
        (job,) = workers.worker.jobs
        assert [done.keys for done in job.done] == [["aa"]]
        again = await run_of(client, a)
        assert again["artifacts"]["2"][0]["name"] == "a.png"
        assert services.dispatcher.attempts[a].run.last_number == 2
