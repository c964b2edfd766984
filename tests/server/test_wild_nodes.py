"""What a node does to the worker: it is the node's own error, or costs the worker, and the next run runs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from server.workers.log_limit import LogLimit
from tests.server.conftest import MakeServer
from tests.support.server_nodes import HARMLESS_WAYS, PATH_WAYS, WILD_WAYS
from tests.support.serving import PATIENCE, ROOT, Server, asynchronous, wait_for_file

HELPERS = {
    "in our group": {},
    "in a session of its own": {"leaves": True},
    "in a session of its own, and of another family": {"leaves": True, "twice": True},
}


@asynchronous
async def test_what_a_node_tells_that_makes_no_sense_is_its_own_error(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        pid = server.worker_pid()
        for way in WILD_WAYS:
            run = await client.submit({"7": {"type": "Wild", "inputs": {"way": way}}})
            ended = await watch.run(run["id"])
            assert (ended["status"], ended["attempt"]) == ("failed", 1), way
            (problem,) = ended["problems"]
            assert (problem["code"], problem["node"], problem["node_type"]) == ("node_failed", "7", "Wild"), way
            assert 5 <= len(problem["message"]) <= 4_000, way
            problem["message"].encode()
            failed = await watch.event(run["id"], "node_failed")
            assert len(failed["traceback"]) <= 20_000
        for way in HARMLESS_WAYS:
            run = await client.submit({"7": {"type": "Wild", "inputs": {"way": way}}})
            assert (await watch.run(run["id"]))["status"] == "finished", way
        assert server.worker_pid() == pid  # all by one worker


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
async def test_a_node_that_closes_the_pipes_costs_its_worker_only(server: Server, tmp_path: Path) -> None:
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "CloseAll", "inputs": {"once": str(tmp_path / "once")}}})
        after = await client.submit({"1": {"type": "Keep"}})
        assert (await watch.run(run["id"]))["status"] == "finished"
        assert (await watch.run(after["id"]))["status"] == "finished"


@asynchronous
async def test_a_folder_in_the_place_of_the_black_box_keeps_no_worker_from_starting(
    make_server: MakeServer, tmp_path: Path
) -> None:
    (tmp_path / "data" / "black-box" / "x").mkdir(parents=True)
    server = make_server().start()
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "HardExit", "inputs": {"once": str(tmp_path / "once")}}})
        ended = await watch.run(run["id"])
        assert (ended["status"], ended["attempt"]) == ("finished", 2)
        # Who is to blame is known by what was heard, or it is told that a run was at work.
        assert "during a run" in ended["failures"][0]["message"] or ended["failures"][0]["node"] == "1"
    assert "it cannot be noted which node is called" in server.errors()


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


@asynchronous
async def test_what_is_told_names_files_by_their_folder_and_no_path_of_the_machine(
    server: Server, tmp_path: Path
) -> None:
    async with server.client() as client, client.watch() as watch:
        told = ""
        for way in PATH_WAYS:
            run = await client.submit({"7": {"type": "Wild", "inputs": {"way": way}}})
            assert (await watch.run(run["id"]))["status"] == "failed"
        run = await client.submit({"7": {"type": "LastWords", "inputs": {"once": str(tmp_path / "once")}}})
        ended = await watch.run(run["id"])
        told = str([message for message in watch.heard if message["type"] != "snapshot"]) + str(ended)
        for text in (str(server.folder), f"{ROOT}/tests/support", "/nowhere/secret", "lib/python3"):
            assert text not in told.replace(str(tmp_path), "")
        for text in ("'output/no such file.png'", "'.../file.png'", "tests/support/server_nodes.py", "output/cat.png"):
            assert text in told
    assert f"{server.folder}/output" not in server.errors()


@asynchronous
async def test_a_node_that_prints_without_end_fills_no_log_and_its_last_words_are_kept(
    server: Server, tmp_path: Path
) -> None:
    before = len(server.errors())
    async with server.client() as client, client.watch() as watch:
        inputs = {"once": str(tmp_path / "once"), "lines": 50_000}
        run = await client.submit({"7": {"type": "LastWords", "inputs": inputs}})
        ended = await watch.run(run["id"])
        assert (ended["status"], ended["attempt"]) == ("finished", 2)
        assert "line 49999" in str(ended["failures"])
        assert "looking at output/cat.png" in str(ended["failures"])
    logged = server.errors()[before:]
    assert "further lines are not logged" in logged
    assert len(logged.splitlines()) < 25_000  # 200 a second, however slow this machine is


def test_so_many_lines_a_second_are_logged_and_the_others_counted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    now = 0.0
    limit = LogLimit(lambda: now)
    assert [limit.take(150), limit.take(150), limit.take(150)] == [150, 50, 0]
    now = 1.5
    assert limit.take(10) == 10
    assert [record.getMessage() for record in caplog.records] == [
        "(250 further lines are not logged: at most 200 a second are)"
    ]


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


@pytest.mark.parametrize("for_good", [False, True])
@asynchronous
async def test_what_a_node_changed_around_it_is_put_back_or_another_worker_does_the_next_run(
    server: Server, tmp_path: Path, for_good: bool
) -> None:
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        pid = server.worker_pid()
        before, after = tmp_path / "before", tmp_path / "after"
        where = [{"1": {"type": "Where", "inputs": {"path": str(path)}}} for path in (before, after)]
        for nodes in (where[0], {"1": {"type": "Untidy", "inputs": {"for_good": for_good}}}, where[1]):
            run = await client.submit(nodes)
            ended = await watch.run(run["id"])
            assert (ended["status"], ended["attempt"]) == ("finished", 1)
        assert before.read_text() == after.read_text()
        assert before.stat().st_mode == after.stat().st_mode
        assert (server.worker_pid() != pid) == for_good
