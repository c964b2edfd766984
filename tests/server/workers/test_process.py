"""A worker in a process of its own: its pipes, its log, the note of its calls, and how it ended."""

from __future__ import annotations

from pathlib import Path

from tests.server.conftest import MakeServer
from tests.support.serving import Server, asynchronous


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
