"""Databases of earlier versions are taken over."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from server.runs import store, tables
from server.runs.run import Run
from server.storage.database import Database
from tests.support.serving import asynchronous

VERSION_1 = """
PRAGMA user_version = 1;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT UNIQUE, status TEXT NOT NULL,
    place REAL NOT NULL, title TEXT NOT NULL, client TEXT NOT NULL, targets TEXT NOT NULL, node_count INTEGER NOT NULL,
    created REAL NOT NULL, started REAL, finished REAL, attempt INTEGER NOT NULL, deaths INTEGER NOT NULL,
    cancelling INTEGER NOT NULL, problems TEXT NOT NULL, failures TEXT NOT NULL, artifacts TEXT NOT NULL,
    made TEXT NOT NULL, last_number INTEGER NOT NULL, changed TEXT NOT NULL, workflow TEXT NOT NULL
);
CREATE TABLE events (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, last_number INTEGER NOT NULL, batch TEXT NOT NULL,
    PRIMARY KEY (run, last_number)
) WITHOUT ROWID;
INSERT INTO events VALUES ('old', 6, '[{"event": "run_finished", "number": 6}]');
INSERT INTO runs VALUES (
    1, 'old', NULL, 'finished', 1, 'A title', '', 'null', 2, 10, 11, 12, 1, 0, 0, '[]', '[]',
    '{"2": [{"folder": "output", "name": "a.png"}]}', '["2"]', 6, '{}', '{"jacquard": 1}'
);
"""


@asynchronous
async def test_a_database_of_version_1_keeps_its_runs(tmp_path: Path) -> None:
    path = tmp_path / "jacquard.sqlite3"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(VERSION_1)
    for _ in range(2):
        database = Database(path, tables.SCHEMA, tables.VERSION, tables.STEPS)
        try:
            run = await database.do(lambda db: store.get(db, "old"))
            assert run is not None
            assert (run.title, run.last_number, run.artifacts["2"][0]["name"]) == ("A title", 6, "a.png")
            assert (run.problem_count, run.artifact_counts) == (0, {})
            assert await database.do(lambda db: store.workflow_of(db, "old")) == '{"jacquard": 1}'
            assert await database.do(lambda db: store.events_of(db, "old")) == [{"event": "run_finished", "number": 6}]
            await database.do(lambda db: store.insert(db, Run("new"), None, "", {}, "{}"))
            await database.do(lambda db: store.add_events(db, "new", 1, '[{"number": 1}]'))
            assert await database.do(lambda db: store.workflow_of(db, "new")) == "{}"
            await database.do(lambda db: store.forget(db, "new"))
            assert await database.do(lambda db: store.workflow_of(db, "new")) is None
        finally:
            database.close()


@asynchronous
async def test_a_new_database_needs_no_steps(tmp_path: Path) -> None:
    database = Database(tmp_path / "new.sqlite3", tables.SCHEMA, tables.VERSION, tables.STEPS)
    try:
        await database.do(lambda db: store.insert(db, Run("new"), None, "", {}, "{}"))
        assert await database.do(lambda db: store.get(db, "new")) is not None
    finally:
        database.close()


@asynchronous
async def test_events_are_kept_of_the_newest_ended_runs_within_so_many_bytes(tmp_path: Path) -> None:
    database = Database(tmp_path / "new.sqlite3", tables.SCHEMA, tables.VERSION, tables.STEPS)

    def fill(db: sqlite3.Connection) -> None:
        for name, status in (("a", "queued"), ("b", "finished"), ("c", "failed"), ("d", "finished"), ("e", "running")):
            store.insert(db, Run(name, status=status), None, "", {}, "{}")
            for number in (1, 2):
                store.add_events(db, name, number, json.dumps([{"event": "x", "number": number, "text": "x" * 1000}]))

    try:
        await database.do(fill)
        await database.do(lambda db: store.prune(db, 3_000))
        kept = [await database.do(lambda db, n=name: len(store.events_of(db, n))) for name in "abcde"]
        assert kept == [2, 0, 2, 2, 2]  # those of runs that have not ended are not counted
        await database.do(lambda db: store.prune(db, 0))
        assert len(await database.do(lambda db: store.events_of(db, "d"))) == 2
    finally:
        database.close()
