"""A data folder that version 0.1.0 left behind when its machine went down opens, with nothing lost or renamed."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import MakeServer
from tests.support.serving import Server, asynchronous

HERE = Path(__file__).resolve().parents[1] / "support" / "data_of_0_1_0"
KEPT = json.loads((HERE / "answers.json").read_text())
RUNS, ANSWERS = KEPT["ids"], KEPT["answers"]


def is_within(old: Any, new: Any) -> bool:
    """Whether an answer still says all that it said; an object may say more."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(key in new and is_within(old[key], new[key]) for key in old)
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(is_within, old, new))
    return bool(old == new)


@pytest.fixture
def server(make_server: MakeServer, tmp_path: Path) -> Server:
    with zipfile.ZipFile(HERE / "data-folder.zip") as packed:
        packed.extractall(tmp_path)
    return make_server().start()


@asynchronous
async def test_runs_that_had_ended_are_told_as_they_were(server: Server) -> None:
    async with server.client() as client:
        for name in ("finished", "stream", "failed", "warned"):
            assert is_within(ANSWERS[name], await client.call("GET", f"/runs/{RUNS[name]}"))
            assert is_within(ANSWERS[f"events {name}"], await client.call("GET", f"/runs/{RUNS[name]}/events"))
            found = await client.call("GET", f"/runs/{RUNS[name]}/explanation")
            assert is_within(ANSWERS[f"explanation {name}"], found)


@asynchronous
async def test_the_run_that_was_at_work_goes_on_and_the_queued_one_runs_after_it(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        assert (await watch.run(RUNS["running"], "running"))["attempt"] == 2
        await client.call("POST", f"/runs/{RUNS['running']}/cancel")
        assert (await watch.run(RUNS["running"]))["status"] == "cancelled"
        assert (await watch.run(RUNS["queued"]))["status"] == "finished"


@asynchronous
async def test_a_submission_that_was_acknowledged_is_known_by_its_key(server: Server) -> None:
    save = {"type": "Save", "inputs": {"value": {"from": ["1", "INT"]}}}
    nodes = {"1": {"type": "Count", "inputs": {"value": 3}}, "2": save}
    async with server.client() as client:
        body = {"workflow": {"jacquard": 1, "nodes": nodes}, "client": "old", "key": "a-key"}
        assert (await client.call("POST", "/runs", 201, json=body))["run"]["id"] == RUNS["finished"]


@asynchronous
async def test_pictures_uploads_and_saved_workflows_with_their_versions_are_there(server: Server) -> None:
    async with server.client() as client:
        found = await client.call("GET", "/outputs")
        addresses = {"url", "thumbnail"}  # they hold the time at which a file was written: here, when it was unpacked
        kept = [{key: output[key] for key in output.keys() - addresses} for output in ANSWERS["outputs"]["outputs"]]
        assert is_within(kept, found["outputs"])
        for output in found["outputs"]:
            async with client.session.get("/" + output["url"]) as answer:
                assert (answer.status, answer.content_type) == (200, "image/png")
        assert (server.folder / "input" / "cat.png").is_file()
        assert (await client.call("GET", "/workflows/old"))["title"] == "Version 2"
        (version,) = (await client.call("GET", "/workflows/old?versions=1"))["versions"]
        assert (await client.call("GET", f"/workflows/old?version={version['id']}"))["title"] == "Version 1"


def test_nothing_was_set_aside_and_the_disk_cache_keeps_its_entries(server: Server) -> None:
    assert [path.name for path in server.folder.rglob("*damaged*")] == []
    assert "set aside" not in server.errors()
    server.stop()
    with sqlite3.connect(server.folder / "cache" / "index.sqlite") as index:
        tables = [name for (name,) in index.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert sum(index.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables) > 0  # noqa: S608
    index.close()
