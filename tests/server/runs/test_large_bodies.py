"""Large bodies are read in another process, one at a time, and give the same as small ones."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from graph.files.folders import Files
from server.application import make_application
from server.errors import ApiError
from server.requests import body_shape, json_body
from server.requests.memory_limit import MemoryLimit
from server.runs import submission
from server.runs.large_bodies import LargeBodyProcess
from server.services import SERVICES, Services
from server.settings import Settings
from tests.support.serving import Server, asynchronous
from tests.support.toy_worker import ToyWorker

LARGE = {str(number): {"type": "Keep", "inputs": {"value": number}} for number in range(12_000)}


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[TestClient, Services]]:  # type: ignore[type-arg]
    hosts = frozenset({"jacquard.test"})
    settings = Settings(data=folder, files=Files(), worker_command=[], token="t" * 20, allowed_hosts=hosts)
    app = make_application(settings, ToyWorker)
    headers = {"Host": "jacquard.test", "Authorization": f"Bearer {'t' * 20}"}
    async with TestClient(TestServer(app), headers=headers) as client:
        yield client, app[SERVICES]


@pytest.mark.process
@asynchronous
async def test_a_large_run_is_read_elsewhere_and_a_small_one_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    parse = json_body.parse
    for room in (body_shape, submission):
        monkeypatch.setattr(room, "parse", lambda body: (read.append(len(body)), parse(body))[1])
    async with serving(tmp_path) as (client, services):
        small = await client.post("/api/v1/runs", json={"workflow": {"jacquard": 1, "nodes": {}}})
        assert (small.status, len(read), services.large_bodies.request_count) == (201, 1, 0)
        large = await client.post("/api/v1/runs", json={"workflow": {"jacquard": 1, "nodes": LARGE}, "key": "k"})
        assert (large.status, len(read), services.large_bodies.request_count) == (201, 1, 1)
        run = (await large.json())["run"]
        assert run["node_count"] == len(LARGE)
        whole = await client.get(f"/api/v1/runs/{run['id']}?workflow=1")
        assert (await whole.json())["workflow"]["nodes"] == LARGE
        explained = await client.get(f"/api/v1/runs/{run['id']}/explanation")
        assert (await explained.json())["run"] == run["id"]
        saved = await client.put("/api/v1/workflows/large", json={"jacquard": 1, "nodes": LARGE})
        assert saved.status == 200
        assert (len(read), services.large_bodies.request_count) == (1, 3)
        assert json.loads(services.saved_workflows.read("large").data)["nodes"] == LARGE


@asynchronous
async def test_what_is_wrong_with_a_large_run_is_told_as_of_a_small_one(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        nodes = {**LARGE, "x": {"type": "Kep"}}
        answer = await client.call(
            "POST", "/runs", 422, json={"workflow": {"jacquard": 1, "nodes": nodes}, "targets": ["x"]}
        )
        (problem,) = answer["error"]["problems"]
        assert (problem["code"], problem["node"]) == ("unknown_node_type", "x")
        assert "'Keep'" in problem["remedy"]
        answer = await client.call("POST", "/runs", 400, json={"workflow": {"nodes": nodes}, "target": ["x"]})
        assert answer["error"]["code"] == "unknown_key"
        wrong = {name: {"type": "Kep"} for name in LARGE}
        answer = await client.call("POST", "/runs", 422, json={"workflow": {"jacquard": 1, "nodes": wrong}})
        assert len(answer["error"]["problems"]) == 500
        assert "12,000" in answer["error"]["message"]


@asynchronous
async def test_the_server_answers_while_a_large_body_is_read_and_outlives_its_helper(server: Server) -> None:
    many = b'{"workflow": {"jacquard": 1, "nodes": {"1": {"type": "Keep"}}, "later": [' + b"0," * (4 * 2**20) + b"0]}}"
    headers = {"Content-Type": "application/json"}
    async with server.client() as client:
        reading_it = asyncio.create_task(
            client.session.post("/api/v1/runs", data=io.BytesIO(many), headers=headers)  # type: ignore[arg-type]
        )
        answers = 0
        while not reading_it.done():
            await client.call("GET", "/system")
            answers += 1
        async with await reading_it as response:
            assert response.status == 201
        assert answers > 10
        for pid in _helpers(server):
            subprocess.run(["kill", "-9", pid], check=True)  # noqa: S607
        body = {"workflow": {"jacquard": 1, "nodes": LARGE}}
        await client.call("POST", "/runs", 201, json=body)


def _helpers(server: Server) -> list[str]:
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(server.pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    found = [line.split()[0] for line in listed.stdout.splitlines() if "server.runs.large_bodies_process" in line]
    assert len(found) == 1
    return found


@pytest.mark.process
@asynchronous
async def test_work_that_takes_too_much_is_refused_and_the_next_is_done() -> None:
    helper = LargeBodyProcess(Files(), timeout_seconds=40)
    body = json.dumps({"workflow": {"jacquard": 1, "nodes": LARGE}}).encode()
    facts = {"has_node_types": False, "trusted": True}
    try:
        assert (await helper.ask("examine", facts, body)).facts["prepared"]["node_count"] == len(LARGE)
        helper.timeout_seconds = 0.0
        with pytest.raises(ApiError, match="more time"):
            await helper.ask("examine", facts, body)
        helper.timeout_seconds = 40
        assert (await helper.ask("examine", facts, body)).payload
        with pytest.raises(ApiError, match="memory"):  # it dies of this, and so does the next one
            await helper.ask("nothing that it knows", facts, body)
        assert (await helper.ask("examine", facts, body)).payload
    finally:
        await helper.close()


@pytest.mark.process
@asynchronous
async def test_a_process_that_was_killed_between_two_pieces_of_work_is_replaced() -> None:
    helper = LargeBodyProcess(Files(), timeout_seconds=40)
    body = json.dumps({"workflow": {"jacquard": 1, "nodes": LARGE}}).encode()
    facts = {"has_node_types": False, "trusted": True}
    try:
        for _ in range(2):
            assert (await helper.ask("examine", facts, body)).payload
            assert helper.pid is not None
            os.kill(helper.pid, signal.SIGKILL)  # which is not known here yet
    finally:
        await helper.close()


@asynchronous
async def test_large_bodies_wait_for_room_in_turn() -> None:
    room, told = MemoryLimit(100, timeout_seconds=40), []

    async def use(name: str, size: int, go: asyncio.Event) -> None:
        async with room.reserve(size):
            told.append(name)
            await go.wait()

    first, rest = asyncio.Event(), asyncio.Event()
    rest.set()
    tasks = [asyncio.create_task(use("a", 80, first))]
    tasks += [asyncio.create_task(use(name, size, rest)) for name, size in (("b", 60), ("c", 10), ("d", 500))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert told == ["a"], "nobody overtakes who waits"
    first.set()
    await asyncio.gather(*tasks)
    assert told == ["a", "b", "c", "d"]
    assert room.free == 100


@asynchronous
async def test_who_waits_for_room_is_patient_while_the_line_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    room, waits = MemoryLimit(100), 0

    async def wait(_: object, timeout: float) -> None:
        nonlocal waits
        waits += 1
        if waits < 3:
            await held.pop().__aexit__(None, None, None)

    async with room.reserve(80):
        held = [room.reserve(10) for _ in range(2)]
        for each in held:
            await each.__aenter__()
        monkeypatch.setattr(asyncio, "wait", wait)
        with pytest.raises(ApiError):
            async with room.reserve(30):
                pass
        assert waits == 3, "it was given up when nothing had moved for once"
        assert room.free == 20


@asynchronous
async def test_who_waits_too_long_for_room_is_told_to_come_again() -> None:
    room = MemoryLimit(100, timeout_seconds=0)
    async with room.reserve(100):
        with pytest.raises(ApiError) as refused:
            async with room.reserve(1):
                pass
        assert (refused.value.status, refused.value.code) == (503, "busy")
    assert room.free == 100
