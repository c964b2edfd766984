"""One worker is kept alive: replaced when it dies, with its cause told, and between runs when it is worn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from server.shapes.system import WorkerInfo
from server.workers.supervisor import Supervisor
from server.workers.suspects import ActiveCall
from server.workers.worker import Job
from tests.server.conftest import MakeServer
from tests.support.runs_at_work import until
from tests.support.serving import asynchronous, wait_for_file
from tests.support.toy_worker import ToyWorker


@asynchronous
async def test_a_node_that_leaves_files_open_costs_a_worker_between_two_runs_and_no_run(
    make_server: MakeServer,
) -> None:
    server = make_server()
    server.descriptors = 300
    server.start()
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        pid = server.worker_pid()
        runs = [await client.submit({"1": {"type": "LeaveOpen"}}) for _ in range(2)]
        runs.append(await client.submit({"1": {"type": "SaveNamed"}}))
        for run in runs:
            ended = await watch.run(run["id"])
            assert (ended["status"], ended["attempt"], ended["failures"]) == ("finished", 1, [])
        assert server.worker_pid() != pid
    assert "nodes left so many files open" in server.errors()


@asynchronous
async def test_a_worker_that_hears_no_cancel_is_replaced_and_the_run_is_cancelled(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server("--cancel-grace", "0.2").start()
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "Stubborn", "inputs": {"path": str(tmp_path / "never")}}})
        await watch.event(run["id"], "node_started")
        wait_for_file(tmp_path / "never.started")
        after = await client.submit({"1": {"type": "Keep"}})
        await client.call("POST", f"/runs/{run['id']}/cancel")
        ended = await watch.run(run["id"])
        assert ended["status"] == "cancelled"
        worker = (await watch.until(lambda m: m["type"] == "worker" and m["worker"]["last_failure"]))["worker"]
        assert worker["last_failure"]["cause"] == "unresponsive"
        assert watch.events(run["id"])[-2]["event"] == "node_cancelled"
        assert (await watch.run(after["id"]))["status"] == "finished"


@asynchronous
async def test_a_worker_that_does_not_come_back_from_an_import_is_ended_and_the_next_begun_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.workers.supervisor.IMPORT_GRACE", 0.0)
    workers: list[ToyWorker] = []
    changed = asyncio.Event()
    heard: list[WorkerInfo] = []

    def receive(state: WorkerInfo) -> None:
        heard.append(state)
        changed.set()

    class Stopped(ToyWorker):
        async def start(self) -> None:
            if len(workers) > 1:
                self.say(type="ready", device="toy")
            else:
                self.say(type="status", message="Importing pack a.", pack="a", seconds=0.01)

    def make() -> Stopped:
        workers.append(Stopped())
        return workers[-1]

    supervisor = Supervisor(make, lambda _: (), first_pause=1000.0)
    supervisor.state_changed.connect(receive)
    running = asyncio.create_task(supervisor.run())
    while not supervisor.ready:
        changed.clear()
        await changed.wait()
    assert len(workers) == 2
    assert "stopped" not in [state.state for state in heard]
    assert supervisor.state.last_failure is not None
    assert "while pack a was imported" in supervisor.state.last_failure.message
    await supervisor.stop()
    await running


class Kept:
    """A supervisor of toys: a new one whenever one has ended."""

    def __init__(self, *calls: ActiveCall) -> None:
        self.made: list[ToyWorker] = []
        self.deaths: list[tuple[str, list[str]]] = []
        self.received: list[str] = []
        self.supervisor = Supervisor(self._make, lambda _: calls, first_pause=1000.0, cancel_grace=0.0)
        self.supervisor.worker_died.connect(
            lambda failure, suspects: self.deaths.append((failure.cause, [suspect.run for suspect in suspects]))
        )
        self.supervisor.message_received.connect(lambda received: self.received.append(type(received.message).__name__))

    @property
    def worker(self) -> ToyWorker:
        return self.made[-1]

    async def until_ready(self, count: int = 1) -> None:
        await until(lambda: len(self.made) == count and self.supervisor.ready)

    def _make(self) -> ToyWorker:
        self.made.append(ToyWorker(quick=False))
        return self.made[-1]


@asynccontextmanager
async def kept(*calls: ActiveCall) -> AsyncIterator[Kept]:
    found = Kept(*calls)
    running = asyncio.create_task(found.supervisor.run())
    try:
        yield found
    finally:
        await found.supervisor.stop()
        await running


@asynchronous
async def test_the_state_follows_the_jobs_of_the_worker() -> None:
    async with kept() as it:
        await it.until_ready()
        assert (it.supervisor.state.state, it.supervisor.state.device) == ("ready", "toy")
        for run in ("a", "b"):
            await it.supervisor.submit(Job(run, "{}"))
        it.worker.finish("a")
        await until(lambda: it.received == ["Ready", "Done"])
        assert it.supervisor.state.state == "running"
        it.worker.finish("b")
        await until(lambda: it.supervisor.state.state == "ready")
        assert it.received == ["Ready", "Done", "Done"]
    assert not it.supervisor.ready
    assert it.deaths == []


@asynchronous
async def test_another_worker_waits_for_the_jobs_of_the_one_before_and_is_no_death() -> None:
    async with kept() as it:
        await it.until_ready()
        await it.supervisor.submit(Job("a", "{}"))
        it.supervisor.restart_when_idle("to see")
        assert not it.supervisor.ready
        await it.supervisor.expect([Job("b", "{}")])
        assert it.worker.expected == []
        assert len(it.made) == 1
        it.worker.finish("a")
        await it.until_ready(2)
        assert it.deaths == []
        assert it.supervisor.state.last_failure is None


@asynchronous
async def test_a_death_is_told_with_its_suspects_and_the_next_worker_begins_at_once() -> None:
    calling, idle = ActiveCall("a", "1"), ActiveCall("b")
    async with kept(calling, idle) as it:
        await it.until_ready()
        it.worker.kill()
        await it.until_ready(2)
        assert [suspects for _, suspects in it.deaths] == [["a"]]
        assert it.supervisor.state.last_failure is not None


@pytest.mark.parametrize("sent", [{"type": "ready", "device": 3}, {"type": "done", "run": "b"}])
@asynchronous
async def test_a_message_that_is_none_ends_the_worker_and_the_run_it_is_about_is_the_suspect(
    sent: dict[str, Any],
) -> None:
    async with kept(ActiveCall("a", "1"), ActiveCall("b")) as it:
        await it.until_ready()
        for run in ("a", "b"):
            await it.supervisor.submit(Job(run, "{}"))
        it.worker.say_exactly(sent)
        it.worker.finish("a")  # it is not believed any more
        await it.until_ready(2)
        assert it.deaths == [("protocol", [sent.get("run", "a")])]
        assert it.received == ["Ready", "Ready"]


@asynchronous
async def test_a_list_of_node_types_that_cannot_be_read_costs_no_worker(caplog: pytest.LogCaptureFixture) -> None:
    async with kept() as it:
        await it.until_ready()
        it.worker.say_exactly({"type": "catalogue", "nodes": 3})
        await it.supervisor.submit(Job("a", "{}"))
        it.worker.finish("a")
        await until(lambda: it.received == ["Ready", "Done"])
        assert (len(it.made), it.deaths) == (1, [])
    assert "list of node types cannot be read" in caplog.text


@asynchronous
async def test_a_cancel_that_is_not_heard_ends_the_worker_for_that_run() -> None:
    async with kept(ActiveCall("a", "1"), ActiveCall("b", "2")) as it:
        await it.until_ready()
        for run in ("a", "b"):
            await it.supervisor.submit(Job(run, "{}"))
        first = it.worker
        await it.supervisor.cancel("b")
        await it.until_ready(2)
        assert first.cancelled == ["b"]
        assert it.deaths == [("unresponsive", ["b"])]
