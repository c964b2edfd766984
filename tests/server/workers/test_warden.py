"""A worker ends with all processes that it started, whatever they did to leave it, and together with the server."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.server.conftest import MakeServer
from tests.support.serving import PATIENCE, Server, asynchronous, wait_for_file

HELPERS = {
    "in our group": {},
    "in a session of its own": {"leaves": True},
    "in a session of its own, and of another family": {"leaves": True, "twice": True},
}


def is_running(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while is_running(pid):
        assert time.monotonic() < deadline, f"{pid} is still there"
        time.sleep(0.01)


@pytest.mark.parametrize("how", HELPERS)
@asynchronous
async def test_a_helper_that_outlives_its_worker_is_ended_with_it_and_nobody_waits_for_it(
    server: Server, tmp_path: Path, how: str
) -> None:
    path = tmp_path / "helper"
    async with server.client() as client, client.watch() as watch:
        inputs = {"path": str(path), "dies": True, **HELPERS[how]}
        run = await client.submit({"1": {"type": "Helper", "inputs": inputs}})
        ended = await watch.run(run["id"])
        assert (ended["status"], ended["attempt"]) == ("finished", 2)
        assert ended["failures"][0]["message"] == "The worker was killed (SIGKILL) while node 1 (Helper) ran."
        assert not is_running(int(path.read_text()))


@pytest.mark.parametrize("how", HELPERS)
@pytest.mark.parametrize("end", ["kill", "stop"])
@asynchronous
async def test_worker_and_helpers_end_with_the_server_however_it_ends(
    make_server: MakeServer, tmp_path: Path, how: str, end: str
) -> None:
    server = make_server().start()
    path = tmp_path / "helper"
    async with server.client() as client, client.watch() as watch:
        inputs = {"path": str(path), **HELPERS[how]}
        run = await client.submit({"1": {"type": "Helper", "inputs": inputs}})
        assert (await watch.run(run["id"]))["status"] == "finished"
    worker, helper = server.worker_pid(), int(path.read_text())
    assert is_running(helper)
    getattr(server, end)()
    for pid in (worker, helper):
        wait_until_gone(pid)


@asynchronous
async def test_a_worker_that_is_stopped_by_force_leaves_no_helper(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server("--cancel-grace", "0.1").start()
    path = tmp_path / "helper"
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "Helper", "inputs": {"path": str(path), "leaves": True}}})
        assert (await watch.run(run["id"]))["status"] == "finished"
        stubborn = await client.submit({"1": {"type": "Stubborn", "inputs": {"path": str(tmp_path / "never")}}})
        wait_for_file(tmp_path / "never.started")
        await client.call("POST", f"/runs/{stubborn['id']}/cancel")
        assert (await watch.run(stubborn["id"]))["status"] == "cancelled"
        assert not is_running(int(path.read_text()))
