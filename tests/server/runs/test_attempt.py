"""Events of a run are passed on as the worker wrote them, unless something about them has to be another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.files.folders import Files
from server.hub import Client, Hub
from server.runs import store, tables
from server.runs.attempt import RunAttempt
from server.runs.run import Run
from server.storage.database import Database
from server.workers import frames, message_checks
from tests.support.serving import asynchronous
from tests.support.snapshots import nothing_yet

STARTED = {"event": "run_started", "run": "r", "number": 1, "to_run": ["1"], "reused": [], "blocked": []}
CALLED = {"event": "node_started", "run": "r", "number": 2, "node": "1"}
PROGRESS = {"event": "node_progressed", "run": "r", "number": 3, "node": "1", "value": 1.0, "maximum": 2.0}
ENDED = {"event": "node_finished", "run": "r", "number": 4, "node": "1", "seconds": 0.5, "artifacts": []}
PICTURE = {"folder": "temp", "name": "a.png", "media": "image/png"}


async def take(folder: Path, events: list[dict[str, Any]], *, before: int = 0) -> tuple[str, list[str]]:
    """What clients are told of some events that a worker wrote with a blank more than we do, and what is kept."""
    text = json.dumps(events)
    database = Database(folder / "x.sqlite3", tables.SCHEMA, tables.VERSION)
    try:
        run, hub, client = Run("r", last_number=before), Hub(), Client(nothing_yet)
        hub.greet(client, None, 0)
        client.clear()
        await database.do(lambda db: store.insert(db, run, None, "", {}, "{}"))
        work = RunAttempt(run, database, hub, Files())
        work.receive(json.loads(text), text)
        await work.wait_until_stored()
        told = client.take()
        assert isinstance(told, str)
        return told, await database.do(lambda db: store.batches_of(db, "r"))
    finally:
        database.close()


@asynchronous
async def test_events_are_told_and_kept_in_the_words_of_the_worker(tmp_path: Path) -> None:
    text = json.dumps([STARTED, CALLED])
    told, kept = await take(tmp_path, [STARTED, CALLED])
    assert told == '{"type":"events","seq":1,"run":"r","events":' + text + "}"
    assert kept == [text]


@asynchronous
async def test_progress_is_told_and_not_kept(tmp_path: Path) -> None:
    told, kept = await take(tmp_path, [STARTED, CALLED, PROGRESS, ENDED])
    assert json.loads(told)["events"] == [STARTED, CALLED, PROGRESS, ENDED]
    assert [json.loads(batch) for batch in kept] == [[STARTED, CALLED, ENDED]]


@asynchronous
async def test_a_later_attempt_goes_on_counting(tmp_path: Path) -> None:
    told, kept = await take(tmp_path, [STARTED, CALLED], before=7)
    for events in (json.loads(told)["events"], json.loads(kept[0])):
        assert events == [{**STARTED, "number": 8}, {**CALLED, "number": 9}]


@asynchronous
async def test_a_picture_is_told_with_its_address(tmp_path: Path) -> None:
    told, kept = await take(tmp_path, [STARTED, {**ENDED, "artifacts": [PICTURE]}])
    for events in (json.loads(told)["events"], json.loads(kept[0])):
        assert events[1]["artifacts"][0]["url"] == "api/v1/files/temp/a.png"


@asynchronous
async def test_a_picture_that_is_made_and_shown_again_at_once_is_one_output(tmp_path: Path) -> None:
    """As when the end of a loop is told together with that of its last turn."""
    (tmp_path / "a.png").write_bytes(b"no picture, but a file")
    made = {**ENDED, "node": "1/turn0/s", "number": 2, "artifacts": [{**PICTURE, "folder": "output"}]}
    around = {**made, "node": "1", "number": 3}
    database = Database(tmp_path / "x.sqlite3", tables.SCHEMA, tables.VERSION)
    try:
        run = Run("r")
        await database.do(lambda db: store.insert(db, run, None, "", {}, "{}"))
        work = RunAttempt(run, database, Hub(), Files({"output": [tmp_path]}))
        work.receive(json.loads(json.dumps([STARTED, made, around])))
        await work.wait_until_stored()
        rows = await database.do(lambda db: db.execute("SELECT node, name FROM outputs").fetchall())
        assert [tuple(row) for row in rows] == [("1/turn0/s", "a.png")]
    finally:
        database.close()


@asynchronous
async def test_a_file_that_is_no_picture_is_told_of_and_not_among_the_saved_pictures(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"a file")
    file = {"folder": "output", "name": "a.safetensors", "media": "application/octet-stream"}
    database = Database(tmp_path / "x.sqlite3", tables.SCHEMA, tables.VERSION)
    try:
        run = Run("r")
        await database.do(lambda db: store.insert(db, run, None, "", {}, "{}"))
        work = RunAttempt(run, database, Hub(), Files({"output": [tmp_path]}))
        work.receive(json.loads(json.dumps([STARTED, {**ENDED, "artifacts": [file]}])))
        await work.wait_until_stored()
        assert await database.do(lambda db: db.execute("SELECT name FROM outputs").fetchall()) == []
        assert [artifact["name"] for artifact in run.artifacts["1"]] == ["a.safetensors"]
    finally:
        database.close()


@pytest.mark.parametrize("payload", [b"", b"{}", b"[", b'"\xff"', b"[" * 100_000])
def test_what_are_no_events_ends_the_worker(payload: bytes) -> None:
    with pytest.raises(frames.FrameError):
        message_checks.read(frames.Frame(b'{"type": "events", "run": "r"}', payload))
