"""Each write of the server fails, once and for a while: what was acknowledged is not lost, and the queue goes on.

A run of everything that writes is done with a disk that counts. Then it is done again for each write, which fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.storage import database as database_module
from server.storage.database import Database
from tests.support.failing_database import Disk
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker

DOCUMENT = {"workflow": {"jacquard": 1, "nodes": {}}}
PICTURE = {"folder": "output", "name": "a.png", "media": "image/png"}


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    found = Disk()
    real = Database.__init__

    def init(self: Database, *arguments: Any, **named: Any) -> None:
        real(self, *arguments, **{**named, "connect": found.connect})

    monkeypatch.setattr(Database, "__init__", init)
    for name, seconds in (("FIRST_PAUSE", 0.001), ("LONGEST_PAUSE", 0.002), ("MAX_DELAY", 0.002)):
        monkeypatch.setattr(database_module, name, seconds)
    return found


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0)


async def insist(client: Any, method: str, path: str, **what: Any) -> dict[str, Any]:
    """Ask until it is acknowledged. What is refused is refused in words, and did not happen."""
    for _ in range(100):
        answer = await client.request(method, f"/api/v1{path}", **what)
        body = await answer.json()
        if answer.status in (200, 201):
            return dict(body)
        assert answer.status == 507, body
        assert body["error"]["message"]
        assert body["error"]["remedy"]
    raise AssertionError("it is never acknowledged")


async def use_everything(folder: Path) -> dict[str, str]:
    """Do all that writes; returns what is expected of each run."""
    worker = ToyWorker(quick=False)
    expected: dict[str, str] = {}
    async with serving(folder, worker) as (client, services):
        ids = []
        for number in range(6):
            answer = await insist(client, "POST", "/runs", json={**DOCUMENT, "key": f"key {number}"})
            ids.append(answer["run"]["id"])
        first, second, third, fourth, fifth, last = ids
        await until(lambda: worker.jobs)
        await insist(client, "POST", f"/runs/{last}/move", json={"position": 0})
        await insist(client, "POST", f"/runs/{fifth}/cancel")
        events = [
            {"event": "run_started", "number": 1},
            {"event": "node_started", "node": "1", "number": 2},
            {"event": "node_finished", "node": "1", "number": 3, "artifacts": [PICTURE], "keys": ["aa"]},
        ]
        worker.say(type="events", run=first, events=events)
        worker.finish(first)
        await until(lambda: len(worker.jobs) == 2)  # however long the end of the first takes to be written
        await insist(client, "POST", f"/runs/{last}/cancel")
        worker.finish(last, "cancelled")
        await until(lambda: len(worker.jobs) == 3)
        worker.finish(second, "failed")
        await until(lambda: len(worker.jobs) == 4)
        worker.finish(third)
        await until(lambda: len(worker.jobs) == 5)
        await until(lambda: first not in services.dispatcher.attempts)
        assert [job.run for job in worker.jobs] == [first, last, second, third, fourth]
        expected = {first: "finished", last: "cancelled", second: "failed", third: "finished", fifth: "cancelled"}
        found = [output["name"] for output in (await insist(client, "GET", "/outputs"))["outputs"]]
        assert found in ([], ["a.png"])  # the file itself is not there, or its entry is on the way
        await until(lambda: services.database.trouble == "" and not services.database.holds_work)
        expected[fourth] = "finished"
        outputs = await services.database.do(lambda db: db.execute("SELECT count(*) FROM outputs").fetchone()[0])
        assert outputs == 1
    return expected


async def look_again(folder: Path, expected: dict[str, str]) -> None:
    """The next server knows all of it, and does what was at work again."""
    worker = ToyWorker()
    async with serving(folder, worker) as (client, services):
        await until(lambda: not services.dispatcher.attempts and not services.queue_order.run_ids)
        found = {run["id"]: run["status"] for run in (await insist(client, "GET", "/runs"))["runs"]}
        assert found == expected
        events = (await insist(client, "GET", f"/runs/{next(iter(expected))}/events"))["events"]
        assert [event["event"] for event in events] == ["run_started", "node_started", "node_finished"]


@pytest.mark.long
def test_each_write_may_fail_once_and_for_a_while(disk: Disk, tmp_path: Path) -> None:
    @asynchronous
    async def once(folder: Path) -> None:
        await look_again(folder, await use_everything(folder))

    once(tmp_path / "well")
    count = len(disk.writes)
    assert count > 20
    tried = 0
    for many, step in ((1, 1), (7, 5)):
        for number in range(1, count + 1, step):
            disk.writes.clear()
            disk.fails_at, disk.many, disk.failed = number, many, 0
            once(tmp_path / f"{many}-{number}")
            tried += disk.failed > 0
    assert tried > count - 3  # what is written together varies


@asynchronous
async def test_a_disk_that_is_full_for_long_holds_up_nothing_but_new_runs_and_is_told(
    disk: Disk, tmp_path: Path
) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, services):
        runs = [(await insist(client, "POST", "/runs", json=DOCUMENT))["run"]["id"] for _ in range(4)]
        await until(lambda: worker.jobs)
        await services.database.do(lambda _: None)
        disk.fails_at, disk.many = 1, 10**9
        assert (await client.post("/api/v1/runs", json=DOCUMENT)).status == 507
        for number, run in enumerate(runs):
            await until(lambda number=number: len(worker.jobs) > number)
            worker.finish(run)
        await until(lambda: not services.dispatcher.attempts)
        assert [notice.code for notice in services.notices.all()] == ["disk"]
        assert (await client.get("/api/v1/runs")).status == 200
        disk.many = 0
        await until(lambda: services.database.trouble == "")
        await until(lambda: not services.notices.all())
        assert (await client.post("/api/v1/runs", json=DOCUMENT)).status == 201
        rows = await services.database.do(lambda db: [tuple(row) for row in db.execute("SELECT id, status FROM runs")])
        assert {run: status for run, status in rows if run in runs} == dict.fromkeys(runs, "finished")


@asynchronous
async def test_a_disk_that_cannot_be_read_either_makes_runs_wait_and_not_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.runs.dispatcher.FIRST_DELAY", 0.001)
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, services):
        runs = [(await insist(client, "POST", "/runs", json=DOCUMENT))["run"]["id"] for _ in range(2)]
        await until(lambda: worker.jobs)
        failures = 0
        from server.runs import store
        from tests.support.failing_database import full

        real = store.workflow_of

        def failing(db: Any, run: str) -> str | None:
            nonlocal failures
            failures += 1
            if failures < 4:
                raise full()
            return real(db, run)

        monkeypatch.setattr(store, "workflow_of", failing)
        worker.finish(runs[0])
        await until(lambda: len(worker.jobs) == 2)
        worker.finish(runs[1])
        await until(lambda: not services.dispatcher.attempts)
        answer = await insist(client, "GET", f"/runs/{runs[1]}")
        assert answer["run"]["status"] == "finished"


@asynchronous
async def test_what_the_disk_does_not_take_is_held_in_order_and_nothing_is_written_before_it(
    disk: Disk, tmp_path: Path
) -> None:
    database = Database(tmp_path / "x.sqlite3", "CREATE TABLE IF NOT EXISTS t (n INTEGER);", 1)
    try:
        disk.fails_at, disk.many = 1, 10**9
        for number in range(450):
            assert not await database.write_eventually(
                lambda db, n=number: db.execute("INSERT INTO t VALUES (?)", (n,))
            )
        with pytest.raises(database_module.sqlite3.OperationalError):
            await database.do(lambda db: db.execute("INSERT INTO t VALUES (-1)"))
        assert await database.do(lambda db: db.execute("SELECT count(*) FROM t").fetchone()[0]) == 0
        disk.many = 0
        await database.write_eventually(lambda db: db.execute("INSERT INTO t VALUES (450)"))
        while database.holds_work:
            await asyncio.sleep(0)
        numbers = await database.do(lambda db: [row[0] for row in db.execute("SELECT n FROM t ORDER BY rowid")])
        assert numbers == list(range(451))
    finally:
        database.close()


@asynchronous
async def test_what_is_held_is_bounded_and_what_the_queue_needs_is_not_let_go(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "MOST_HELD", 1_000)
    database = Database(tmp_path / "x.sqlite3", "CREATE TABLE IF NOT EXISTS t (n INTEGER);", 1)
    try:
        disk.fails_at, disk.many = 1, 10**9
        for number in range(50):
            database.write_in_background(lambda db, n=number: db.execute("INSERT INTO t VALUES (?)", (n,)), weight=100)
        assert not await database.write_eventually(lambda db: db.execute("INSERT INTO t VALUES (99)"))
        disk.many = 0
        while database.holds_work:
            await asyncio.sleep(0)
        numbers = await database.do(lambda db: [row[0] for row in db.execute("SELECT n FROM t ORDER BY rowid")])
        assert numbers == [*range(40, 50), 99]
    finally:
        database.close()
