"""The snapshot of the parts: what a client needs to begin with, whatever the runs of a server are at."""

from __future__ import annotations

from pathlib import Path

from tests.support.runs_at_work import run_of, submit, two_at_work, until
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker


@asynchronous
async def test_a_client_that_comes_between_is_told_of_both(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, services):
        a, b, c = await two_at_work(client, worker)
        await until(lambda: services.dispatcher.attempts[b].states)
        async with client.ws_connect("/api/v1/ws") as socket:
            await socket.send_json({"type": "hello", "protocol": 1, "epoch": None, "seq": 0})
            snapshot = await socket.receive_json()
        assert snapshot["running"]["run"]["id"] == b
        assert snapshot["running"]["nodes"]["1"]["state"] == "running"
        ((draining),) = snapshot["draining"]
        assert draining["run"]["id"] == a
        assert {node: state["state"] for node, state in draining["nodes"].items()} == {"1": "finished", "2": "running"}
        assert [run["id"] for run in snapshot["queue"]] == [c]


@asynchronous
async def test_a_server_without_runs_tells_of_its_worker_and_its_notices(tmp_path: Path) -> None:
    async with serving(tmp_path, ToyWorker(), notices={"disk": "The disk is full."}) as (_, services):
        await until(lambda: services.supervisor.ready)
        snapshot = services.snapshot()
        assert (snapshot.worker.state, snapshot.worker.device) == ("ready", "toy")
        assert [(notice.code, notice.message) for notice in snapshot.notices] == [("disk", "The disk is full.")]
        assert (snapshot.queue, snapshot.running, snapshot.draining, snapshot.recent) == ([], None, [], [])


@asynchronous
async def test_the_queue_is_told_in_the_order_in_which_its_runs_will_run(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, services):
        a, b, c, d = await submit(client, 4)
        await until(lambda: worker.jobs)
        await client.post(f"/api/v1/runs/{d}/move", json={"position": 0})
        snapshot = services.snapshot()
        assert snapshot.running is not None
        assert (snapshot.running.run.id, snapshot.draining) == (a, [])
        assert [(run.id, run.position) for run in snapshot.queue] == [(d, 0), (b, 1), (c, 2)]


@asynchronous
async def test_a_run_that_has_ended_is_among_the_recent_until_it_is_forgotten(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, services):
        a, b = await submit(client, 2)
        await until(lambda: worker.jobs)
        await client.post(f"/api/v1/runs/{b}/cancel")
        worker.finish(a)
        await until(lambda: not services.dispatcher.attempts)
        recent = services.snapshot().recent
        assert {run.id: run.status for run in recent} == {a: "finished", b: "cancelled"}
        assert (await run_of(client, a))["status"] == "finished"
        await client.delete(f"/api/v1/runs/{b}")
        snapshot = services.snapshot()
        assert [run.id for run in snapshot.recent] == [a]
        assert (snapshot.running, snapshot.queue) == (None, [])
