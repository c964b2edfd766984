"""Two runs at a time: the next one begins when only saving is left of the one before; what a death then costs whom."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from server.services import Services
from server.workers.suspects import ActiveCall, find_suspects
from tests.server.test_full_disk import serving
from tests.support.serving import asynchronous
from tests.support.toy_worker import ToyWorker

NODES = {"1": {"type": "Sample"}, "2": {"type": "Save"}}


async def until(true: Callable[[], object]) -> None:
    while not true():
        await asyncio.sleep(0)


async def submit(client: Any, count: int) -> list[str]:
    body = {"workflow": {"jacquard": 1, "nodes": NODES}}
    return [(await (await client.post("/api/v1/runs", json=body)).json())["run"]["id"] for _ in range(count)]


async def run_of(client: Any, run: str) -> dict[str, Any]:
    return dict((await (await client.get(f"/api/v1/runs/{run}")).json())["run"])


def events(worker: ToyWorker, run: str, told: Iterable[tuple[str, str]], first: int = 1) -> None:
    started = {"targets": ["2"], "to_run": ["1", "2"], "reused": [], "blocked": []}
    more: dict[str, dict[str, Any]] = {"run_started": started, "node_finished": {"seconds": 0.1, "artifacts": []}}
    worker.say(
        type="events",
        run=run,
        events=[
            {"event": name, "number": first + index, **({"node": node} if node else {}), **more.get(name, {})}
            for index, (name, node) in enumerate(told)
        ],
    )


async def two_at_work(client: Any, worker: ToyWorker) -> list[str]:
    """Three runs: the first draining and calling its node 2, the second calling its node 1, the third queued."""
    a, b, c = await submit(client, 3)
    await until(lambda: worker.jobs)
    events(worker, a, [("run_started", ""), ("node_started", "1"), ("node_finished", "1"), ("node_started", "2")])
    worker.say(type="draining", run=a)
    await until(lambda: len(worker.jobs) == 2)
    events(worker, b, [("run_started", ""), ("node_started", "1")])
    return [a, b, c]


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


class Deaths:
    """Makes workers that are ready at once; `worker` is the newest."""

    def __init__(self) -> None:
        self.made: list[ToyWorker] = []

    def __call__(self) -> ToyWorker:
        self.made.append(ToyWorker(quick=False))
        return self.made[-1]

    @property
    def worker(self) -> ToyWorker:
        return self.made[-1]

    async def die(self, **calling: str) -> None:
        """End the worker; returns when there is another."""
        count = len(self.made)
        self.worker.calling = calling
        self.worker.kill()
        await until(lambda: len(self.made) > count and self.worker.jobs)


def order(services: Services) -> list[str]:
    return [*services.dispatcher.attempts, *services.queue_order.run_ids]


@asynchronous
async def test_a_death_puts_both_back_in_their_order(tmp_path: Path) -> None:
    workers = Deaths()
    async with serving(tmp_path, workers) as (client, services):
        await until(lambda: workers.made)
        runs = await two_at_work(client, workers.worker)
        await workers.die(**{runs[1]: "1"})
        assert order(services) == runs
        assert [job.run for job in workers.worker.jobs] == [runs[0]]


@asynchronous
async def test_only_the_run_whose_node_was_called_has_cost_a_worker(tmp_path: Path) -> None:
    workers = Deaths()
    async with serving(tmp_path, workers) as (client, services):
        await until(lambda: workers.made)
        a, b, _ = await two_at_work(client, workers.worker)
        await workers.die(**{b: "1"})
        told = services.queue_order.queued[b]
        assert (told.deaths, [failure["node"] for failure in told.failures]) == (1, ["1"])
        assert (await run_of(client, a))["failures"] == []
        state = services.supervisor.state
        assert state.last_failure is not None
        assert (state.last_failure.run, state.last_failure.node) == (b, "1")


@asynchronous
async def test_when_both_may_be_to_blame_neither_is_charged_and_both_are_done_alone(tmp_path: Path) -> None:
    workers = Deaths()
    async with serving(tmp_path, workers) as (client, services):
        await until(lambda: workers.made)
        a, b, c = await two_at_work(client, workers.worker)
        await workers.die(**{a: "2", b: "1"})
        both = [services.dispatcher.attempts[a].run, services.queue_order.queued[b]]
        assert [(run.deaths, [failure["node"] for failure in run.failures]) for run in both] == [(0, ["2"]), (0, ["1"])]
        workers.worker.say(type="draining", run=a)
        await until(lambda: both[0].draining)
        assert list(services.dispatcher.attempts) == [a]
        await client.post(f"/api/v1/runs/{c}/move", json={"position": 0})
        workers.worker.finish(a)
        await until(lambda: len(workers.worker.jobs) == 2)
        workers.worker.say(type="draining", run=c)
        await until(lambda: services.dispatcher.attempts[c].run.draining)
        assert list(services.queue_order.queued) == [b]
        # The one that is to blame is found out, for it is alone, and fails after its third worker.
        workers.worker.finish(c)
        (d,) = await submit(client, 1)
        await until(lambda: len(workers.worker.jobs) == 3)
        for _ in range(3):
            await workers.die(**{b: "1"})
        assert [job.run for job in workers.worker.jobs] == [d]
        await until(lambda: b not in services.dispatcher.attempts)
        ended = await run_of(client, b)
        assert (ended["status"], ended["problems"][0]["node"], len(ended["failures"])) == ("failed", "1", 4)


@asynchronous
async def test_a_cancel_reaches_either_and_one_that_is_not_heard_costs_the_other_nothing(tmp_path: Path) -> None:
    workers = Deaths()
    async with serving(tmp_path, workers, cancel_grace=0) as (client, services):
        await until(lambda: workers.made)
        a, b, c = await two_at_work(client, workers.worker)
        asked = workers.worker
        await client.post(f"/api/v1/runs/{b}/cancel")
        await until(lambda: len(workers.made) == 2 and workers.worker.jobs)
        assert asked.cancelled == [b]
        assert [job.run for job in workers.worker.jobs] == [a]
        await until(lambda: b not in services.dispatcher.attempts)
        assert (await run_of(client, b))["status"] == "cancelled"
        again = await run_of(client, a)
        assert (again["attempt"], again["failures"]) == (2, [])
        state = services.supervisor.state
        assert state.last_failure is not None
        assert (state.last_failure.cause, state.last_failure.run) == ("unresponsive", b)
        # The draining one can be cancelled, too.
        workers.worker.say(type="draining", run=a)
        await until(lambda: len(workers.worker.jobs) == 2)
        await client.post(f"/api/v1/runs/{a}/cancel")
        assert workers.worker.cancelled == [a]
        assert [job.run for job in workers.worker.jobs] == [a, c]


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


@pytest.mark.parametrize(
    ("active_calls", "killed_for_run", "suspects"),
    [
        ([ActiveCall("a")], "", ["a"]),
        ([ActiveCall("a", "1"), ActiveCall("b", "2")], "", ["a", "b"]),
        ([ActiveCall("a", "1", draining=True), ActiveCall("b")], "", ["a"]),
        ([ActiveCall("a", draining=True), ActiveCall("b")], "", ["b"]),
        ([ActiveCall("a", draining=True)], "", ["a"]),
        ([ActiveCall("a", "1"), ActiveCall("b", "2")], "b", ["b"]),
        ([ActiveCall("a", "1")], "gone", []),
        ([], "", []),
    ],
)
def test_which_runs_are_suspects(active_calls: list[ActiveCall], killed_for_run: str, suspects: list[str]) -> None:
    assert [item.run for item in find_suspects(active_calls, killed_for_run)] == suspects
