"""Two runs at a time: the next one begins when only saving is left of the one before it."""

from __future__ import annotations

from pathlib import Path

from tests.support.runs_at_work import Deaths, run_of, submit, two_at_work, until
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker


@asynchronous
async def test_the_next_run_begins_when_the_one_before_only_saves_and_a_third_does_not(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, services):
        a, b, c = await submit(client, 3)
        await until(lambda: worker.jobs)
        await services.database.do(lambda _: None)
        assert [job.run for job in worker.jobs] == [a]
        worker.say(type="draining", run=a)
        await until(lambda: len(worker.jobs) == 2)
        listed = (await (await client.get("/api/v1/runs?status=running")).json())["runs"]
        assert [(run["id"], run["draining"]) for run in listed] == [(a, True), (b, False)]
        worker.say(type="draining", run=b)
        worker.finish(a)
        await until(lambda: len(worker.jobs) == 3)
        assert [job.run for job in worker.jobs] == [a, b, c]
        assert services.supervisor.state.state == "running"
        worker.finish(c)
        await until(lambda: c not in services.dispatcher.attempts)
        assert services.supervisor.state.state == "running"
        worker.finish(b)
        await until(lambda: not services.dispatcher.attempts)
        assert services.supervisor.state.state == "ready"
        assert [(await run_of(client, run))["status"] for run in (a, b, c)] == ["finished"] * 3
        assert not (await run_of(client, b))["draining"]


@asynchronous
async def test_what_the_draining_run_had_made_is_handed_over_as_done(tmp_path: Path) -> None:
    workers = Deaths()
    picture = {"folder": "output", "name": "a.png", "media": "image/png"}
    async with serving(tmp_path, workers) as (client, _):
        await until(lambda: workers.made)
        a, b, _ = await two_at_work(client, workers.worker)
        item = {"event": "item_finished", "run": a, "node": "2", "seconds": 0.1, "keys": ["aa"]}
        plain = {"event": "node_finished", "run": a, "node": "1", "seconds": 1, "keys": ["bb"]}
        workers.worker.say(
            type="events",
            run=a,
            events=[
                {**item, "number": 5, "item": [0], "artifacts": [picture], "reused": False},
                {**item, "number": 6, "item": [1], "artifacts": [picture], "reused": True},
                {**plain, "number": 7, "artifacts": [picture]},
            ],
        )
        await workers.die(**{b: "1"})
        (job,) = workers.worker.jobs
        assert [(done.node, done.keys) for done in job.done] == [("2", ["aa"]), ("1", ["bb"])]
        assert [made.name for done in job.done for made in done.artifacts] == ["a.png", "a.png"]
