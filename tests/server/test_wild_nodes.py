"""What a node does to the worker: it is the node's own error, or costs the worker, and the next run runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.server_nodes import HARMLESS_WAYS, PATH_WAYS, WILD_WAYS
from tests.support.serving import ROOT, Server, asynchronous


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
