"""A damaged database costs what is damaged: the server starts, what is whole is kept, and what can run runs.

The damages are made from the tables as they are, so that a new column is among them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.runs import store, tables
from server.runs.run import Run
from server.storage.database import Database
from tests.server.conftest import MakeServer
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker

DOCUMENT = {"workflow": {"jacquard": 1, "nodes": {}}}
TABLES = ("runs", "workflows", "events", "outputs")
VALUES: dict[str, Any] = {
    "nothing": None, "bytes": b"\xff\x00{", "cut": '{"a": [1, "', "number": -1.5, "text": "no such thing",
    "deep": "[" * 20_000, "half a character": "\ufffd",
}  # fmt: skip


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0)


def columns_of(table: str) -> list[str]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(tables.SCHEMA)
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


CELLS = [(table, column) for table in TABLES for column in columns_of(table)]


def fill(path: Path, count: int) -> list[str]:
    """A database with queued runs, each with a document, events and an output, and one more that is running."""
    ids = [f"run{number:03}" for number in range(count + 1)]
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(tables.SCHEMA)
        db.execute("BEGIN")
        for number, name in enumerate(ids):
            run = Run(name, title=f"title {number}", last_number=1, attempt=1)
            run.status = "running" if number == count else "queued"
            store.insert(db, run, f"key {number}", "", {}, json.dumps({**DOCUMENT["workflow"], "title": "x" * 500}))
            made = {"folder": "output", "name": f"{number}.png", "media": "image/png"}
            event = {"event": "node_finished", "run": name, "number": 1, "node": "1", "seconds": 1.0, "keys": ["aa"]}
            store.add_events(db, name, 1, json.dumps([{**event, "artifacts": [made]}]))
            facts = {"run": name, "node": "1", "bytes": 1, "width": 1, "height": 1, "created": 1.0}
            store.add_output(db, {**made, **facts})
        db.execute("COMMIT")
    return ids


def allow_anything(db: sqlite3.Connection) -> None:
    """No constraint is left that a damage would meet."""
    db.execute("PRAGMA writable_schema = ON")
    for word in (" NOT NULL", " REFERENCES runs (id) ON DELETE CASCADE"):
        db.execute("UPDATE sqlite_master SET sql = replace(sql, ?, '') WHERE type = 'table'", (word,))
    version = db.execute("PRAGMA schema_version").fetchone()[0]
    db.execute(f"PRAGMA schema_version = {version + 1}")
    db.execute("PRAGMA writable_schema = OFF")


@pytest.mark.parametrize("damage", VALUES)
@pytest.mark.long
@asynchronous
async def test_a_damaged_cell_costs_its_own_run_at_most(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "jacquard.sqlite3"
    ids = fill(path, len(CELLS) + 2)
    damaged = []
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        allow_anything(db)
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("BEGIN")
        for name, (table, column) in zip(ids, CELLS, strict=False):
            with contextlib.suppress(sqlite3.Error):  # a number of a row may not be anything else
                where = "id" if table == "runs" else "run"
                db.execute(f"UPDATE {table} SET {column} = ? WHERE {where} = ?", (VALUES[damage], name))  # noqa: S608
                damaged.append(name)
        db.execute("COMMIT")
    assert len(damaged) > len(CELLS) - 8
    whole = [name for name in ids if name not in damaged]
    async with serving(tmp_path, ToyWorker()) as (client, services):
        await until(lambda: not services.dispatcher.attempts and not services.queue_order.run_ids)
        new = (await (await client.post("/api/v1/runs", json=DOCUMENT)).json())["run"]["id"]
        await until(lambda: not services.dispatcher.attempts and not services.queue_order.run_ids)
        listed: dict[str, str] = {}
        address = "/api/v1/runs?limit=500"
        answer = await client.get(address)
        assert answer.status == 200
        for run in (await answer.json())["runs"]:
            listed[run["id"]] = run["status"]
        assert {name: listed[name] for name in [*whole, new]} == dict.fromkeys([*whole, new], "finished")
        assert set(listed.values()) <= {"finished", "failed", "cancelled"}
        for name in listed:
            for more in ("", "?workflow=1", "/events", "/explanation"):
                answer = await client.get(f"/api/v1/runs/{name}{more}")
                assert answer.status in (200, 404), (name, more)
                assert await answer.json()
        answer = await client.get("/api/v1/outputs?limit=500")
        assert answer.status == 200


@asynchronous
async def test_a_run_whose_document_is_gone_or_cut_fails_in_words_and_the_next_runs(tmp_path: Path) -> None:
    path = tmp_path / "jacquard.sqlite3"
    gone, cut, other, *_ = ids = fill(path, 3)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DELETE FROM workflows WHERE run = ?", (gone,))
        db.execute("UPDATE workflows SET document = substr(document, 1, 9) WHERE run = ?", (cut,))
        db.execute("UPDATE workflows SET document = '[1]' WHERE run = ?", (other,))
    async with serving(tmp_path, ToyWorker()) as (client, services):
        await until(lambda: not services.dispatcher.attempts and not services.queue_order.run_ids)
        for name in (gone, cut, other):
            run = (await (await client.get(f"/api/v1/runs/{name}")).json())["run"]
            assert run["status"] == "failed"
            assert run["problems"][0]["code"] == "damaged"
            assert run["problems"][0]["remedy"]
        assert (await (await client.get(f"/api/v1/runs/{ids[3]}")).json())["run"]["status"] == "finished"


def spoil(path: Path, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * length)


@pytest.mark.parametrize("page", range(2, 15))
@pytest.mark.long
@asynchronous
async def test_a_spoilt_page_costs_what_is_on_it(tmp_path: Path, page: int) -> None:
    path = tmp_path / "jacquard.sqlite3"
    ids = fill(path, 60)
    size = path.stat().st_size // 4096
    assert size > 15
    spoil(path, (page - 1) * 4096, 4096)
    async with serving(tmp_path, ToyWorker()) as (client, services):
        await until(lambda: not services.dispatcher.attempts and not services.queue_order.run_ids)
        runs = (await (await client.get("/api/v1/runs?limit=500")).json())["runs"]
        finished = [run["id"] for run in runs if run["status"] == "finished"]
        assert len(finished) >= len(ids) // 2
        assert (await client.post("/api/v1/runs", json=DOCUMENT)).status == 201


@pytest.mark.parametrize(
    "damage",
    [
        "first page",
        "empty",
        *(pytest.param(way, marks=pytest.mark.long) for way in ("first pages", "text", "folder", "cut")),
    ],
)
@asynchronous
async def test_a_database_that_is_none_any_more_is_set_aside_and_told(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "jacquard.sqlite3"
    ids = fill(path, 60)
    if damage == "first page":
        spoil(path, 0, 4096)
    elif damage == "first pages":
        spoil(path, 0, 11 * 4096)  # those that say where everything is
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[: -4096 - 100])
    else:
        path.unlink()
        if damage == "folder":
            path.mkdir()
        else:
            path.write_bytes(b"" if damage == "empty" else b"this is no database " * 1000)
    async with serving(tmp_path, ToyWorker()) as (client, services):
        await until(lambda: not services.dispatcher.attempts and not services.queue_order.run_ids)
        (notice,) = [notice for notice in services.notices.all() if notice.code == "database"]
        (aside,) = [item for item in tmp_path.iterdir() if ".damaged-" in item.name and "-wal" not in item.name]
        assert aside.name in notice.message
        runs = (await (await client.get("/api/v1/runs?limit=500")).json())["runs"]
        if damage in ("first page", "first pages", "cut"):
            assert len([run for run in runs if run["status"] == "finished"]) > len(ids) // 4
        assert (await client.post("/api/v1/runs", json=DOCUMENT)).status == 201
        await until(lambda: not services.dispatcher.attempts)


@asynchronous
async def test_a_copy_is_kept_before_a_database_of_an_earlier_version_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "jacquard.sqlite3"
    before = tables.VERSION - 1
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(f"CREATE TABLE t (n); INSERT INTO t VALUES (7); PRAGMA user_version = {before};")  # noqa: S608
    for number in range(5):
        (tmp_path / f"jacquard.sqlite3.version-{number - 10}").touch()  # names of somebody else's
    steps = {tables.VERSION: "ALTER TABLE t ADD COLUMN m;"}
    Database(path, "", tables.VERSION, steps).close()
    copy = tmp_path / f"jacquard.sqlite3.version-{before}"
    with contextlib.closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT * FROM t").fetchall() == [(7,)]
        assert db.execute("PRAGMA user_version").fetchone() == (before,)
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("how", ["deleted", "moved", "replaced", "database deleted"])
@asynchronous
async def test_a_data_folder_that_goes_away_while_it_is_in_use_is_made_again_with_all_that_was_in_it(
    tmp_path: Path, how: str
) -> None:
    folder = tmp_path / "data"
    worker = ToyWorker(quick=False)
    async with serving(folder, worker) as (client, services):
        runs = [(await (await client.post("/api/v1/runs", json=DOCUMENT)).json())["run"]["id"] for _ in range(3)]
        await until(lambda: worker.jobs)
        if how == "database deleted":
            for file in folder.glob("jacquard.sqlite3*"):
                file.unlink()
        elif how == "deleted":
            shutil.rmtree(folder)
        else:
            folder.rename(tmp_path / "elsewhere")
        if how == "replaced":
            folder.mkdir()
            fill(folder / "jacquard.sqlite3", 2)
        answer = await client.post("/api/v1/runs", json=DOCUMENT)
        assert answer.status == 201  # into a file that is there
        runs.append((await answer.json())["run"]["id"])
        with contextlib.closing(sqlite3.connect(folder / "jacquard.sqlite3")) as there:
            assert {row[0] for row in there.execute("SELECT id FROM runs")} == set(runs)
        for number, run in enumerate(runs):
            await until(lambda number=number: len(worker.jobs) > number)
            worker.finish(run)
        await until(lambda: not services.dispatcher.attempts)
        if how == "replaced":
            assert list(folder.glob("jacquard.sqlite3.replaced-*"))
    async with serving(folder, ToyWorker()) as (client, services):
        found = (await (await client.get("/api/v1/runs")).json())["runs"]
        assert {run["id"]: run["status"] for run in found} == dict.fromkeys(runs, "finished")


@asynchronous
async def test_nothing_is_acknowledged_while_the_folder_around_the_data_is_gone_and_it_goes_on_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.storage.database.FIRST_PAUSE", 0.001)
    monkeypatch.setattr("server.storage.database.LONGEST_PAUSE", 0.002)
    disk = tmp_path / "disk"
    worker = ToyWorker(quick=False)
    async with serving(disk / "data", worker) as (client, services):
        run = (await (await client.post("/api/v1/runs", json=DOCUMENT)).json())["run"]["id"]
        await until(lambda: worker.jobs)
        await services.database.do(lambda _: None)
        disk.rename(tmp_path / "unplugged")
        answer = await client.post("/api/v1/runs", json=DOCUMENT)
        assert answer.status == 507
        error = (await answer.json())["error"]
        assert "gone" in error["message"]
        assert "back" in error["remedy"]
        worker.finish(run)
        await until(lambda: not services.dispatcher.attempts)
        assert [notice.code for notice in services.notices.all()] == ["disk"]
        (tmp_path / "unplugged").rename(disk)
        await until(lambda: not services.notices.all())
        assert (await client.post("/api/v1/runs", json=DOCUMENT)).status == 201
        rows = await services.database.do(lambda db: [row[0] for row in db.execute("SELECT status FROM runs")])
        assert rows[0] == "finished"


@asynchronous
async def test_a_database_that_is_spoilt_while_it_is_in_use_is_replaced_and_the_queue_goes_on(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, services):
        runs = [(await (await client.post("/api/v1/runs", json=DOCUMENT)).json())["run"]["id"] for _ in range(3)]
        await until(lambda: worker.jobs)

        def broken(_: sqlite3.Connection) -> None:
            error = sqlite3.DatabaseError("database disk image is malformed")
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error

        with pytest.raises(sqlite3.DatabaseError):
            await services.database.do(broken)
        for number, run in enumerate(runs):
            await until(lambda number=number: len(worker.jobs) > number)
            worker.finish(run)
        await until(lambda: not services.dispatcher.attempts)
        assert [notice.code for notice in services.notices.all()] == ["database"]
        found = (await (await client.get("/api/v1/runs")).json())["runs"]
        assert {run["id"]: run["status"] for run in found} == dict.fromkeys(runs, "finished")


@asynchronous
async def test_a_data_folder_that_goes_away_is_made_again_though_nothing_is_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.storage.database.CHECK_SECONDS", 0.01)
    async with serving(tmp_path / "data", ToyWorker()):
        shutil.rmtree(tmp_path / "data")
        await until((tmp_path / "data" / "jacquard.sqlite3").exists)


def test_what_leads_people_and_programs_in_is_there_again_after_the_data_folder_was_deleted(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server().start()
    token, session, data = server.token, server.sign_in(), tmp_path / "data"
    bearer = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    shutil.rmtree(data)
    assert server.ask("POST", "/api/v1/runs", json.dumps(DOCUMENT).encode(), bearer).status == 201
    assert server.token == token
    assert all((data / name).stat().st_mode & 0o77 == 0 for name in ("token", "sessions.json", "open.json"))
    server.sign_in()  # with a code that the data folder leads to
    server.stop()
    server.start()
    again = {**session, "Cookie": f"jacquard_token_{server.port}={session['Cookie'].partition('=')[2]}"}
    assert server.ask("GET", "/api/v1/system", headers=again).status == 200
