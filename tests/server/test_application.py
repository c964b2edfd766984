"""The application from its start to its end: the queue is open before the first request, and every part is closed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from graph.files.folders import Files
from server.application import ROUTES, make_application
from server.runs.queue_order import QueueOrder
from server.services import SERVICES
from server.settings import Settings
from server.storage.database_file import DatabaseUnusableError
from tests.support.runs_at_work import submit, until
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker


class Stopped(ToyWorker):
    """Counts how often it was told to stop."""

    def __init__(self) -> None:
        super().__init__(quick=False)
        self.stops = 0

    async def stop(self, grace: float) -> None:
        self.stops += 1
        await super().stop(grace)


def settings(folder: Path) -> Settings:
    return Settings(data=folder, files=Files(), worker_command=(), token="t" * 20)


def test_each_method_of_a_path_has_one_route() -> None:
    assert [route for route, count in Counter((r.method, r.path) for r in ROUTES).items() if count > 1] == []


@asynchronous
async def test_the_worker_starts_with_the_application_and_ends_with_it(tmp_path: Path) -> None:
    made: list[Stopped] = []

    def make() -> Stopped:
        made.append(Stopped())
        return made[-1]

    server = TestServer(make_application(settings(tmp_path), make))
    assert made == [], "nothing starts before the application"
    await server.start_server()
    await until(lambda: made)
    await server.close()
    assert [worker.stops for worker in made] == [1]


@asynchronous
async def test_the_queue_of_before_is_there_at_the_first_request(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, _):
        runs = await submit(client, 3)
        await until(lambda: worker.jobs)
    again = ToyWorker(quick=False)
    async with serving(tmp_path, again) as (client, _):
        listed = await (await client.get("/api/v1/runs?status=queued,running")).json()
        assert sorted(run["id"] for run in listed["runs"]) == sorted(runs)
        await until(lambda: again.jobs)
        assert again.jobs[0].run == runs[0]


@asynchronous
async def test_open_websockets_are_told_that_the_server_ends(tmp_path: Path) -> None:
    async with serving(tmp_path, ToyWorker()) as (client, _):
        socket = await client.ws_connect("/api/v1/ws")
        await socket.send_json({"type": "hello", "protocol": 1, "epoch": None, "seq": 0})
        assert (await socket.receive_json())["type"] == "snapshot"
        assert client.app is not None
        ending = asyncio.create_task(client.app.shutdown())
        while not socket.closed:
            await socket.receive()
        await ending
        assert socket.close_code == 1001


@asynchronous
async def test_a_body_that_is_too_large_for_the_settings_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, ToyWorker(), max_json=100) as (client, _):
        document = {"workflow": {"jacquard": 1, "description": "x" * 100, "nodes": {}}}
        response = await client.post("/api/v1/runs", json=document)
        assert response.status == 413


@asynchronous
async def test_without_a_readable_queue_nothing_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_: QueueOrder) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(QueueOrder, "open", fail)
    made: list[ToyWorker] = []

    def make() -> ToyWorker:
        made.append(ToyWorker())
        return made[-1]

    app = make_application(settings(tmp_path), make)
    with pytest.raises(DatabaseUnusableError, match="disk I/O error"):
        await TestServer(app).start_server()
    await asyncio.to_thread(app[SERVICES].database.close)
    assert made == []


def test_old_temporary_files_and_unfinished_ones_are_removed_at_the_start(tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("temp", "input", "data")}
    for folder in folders.values():
        folder.mkdir()
    old = [folders["temp"] / "old.png", folders["input"] / ".abcd1234.part", folders["data"] / ".abcd1234.part"]
    kept = [folders["temp"] / "new.png", folders["input"] / "old.png", folders["data"] / "old.json"]
    for path in (*old, *kept):
        path.write_bytes(b"x")
        if path.name != "new.png":
            os.utime(path, (1_000_000, 1_000_000))

    async def start_and_end() -> None:
        files = Files({name: [folders[name]] for name in ("temp", "input")})
        async with serving(folders["data"], ToyWorker(), files=files):
            pass

    asyncio.run(start_and_end())
    assert [path for path in old if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
