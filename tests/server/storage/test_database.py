"""The database: work is done in order, a failure harms no other, and one sync to disk serves as many as it can."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from server.runs import store, tables
from server.runs.rows import columns
from server.runs.run import Run
from server.storage import database as database_module
from server.storage.database import Database
from tests.support.serving import asynchronous

TABLE = "CREATE TABLE IF NOT EXISTS t (n INTEGER UNIQUE);"


@asynccontextmanager
async def opened(path: Path, schema: str = TABLE) -> AsyncIterator[Database]:
    database = Database(path, schema, 1)
    try:
        yield database
    finally:
        database.close()


@asynchronous
async def test_work_on_the_database_is_done_in_order_and_a_failure_harms_no_other(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.sqlite3", TABLE, 1)
    for number in range(50):
        database.write_in_background(lambda db, number=number: db.execute("INSERT INTO t VALUES (?)", (number,)))
    taken = database.do(lambda db: db.execute("INSERT INTO t VALUES (7)"))
    after = database.do(lambda db: db.execute("INSERT INTO t VALUES (99)"))
    with pytest.raises(sqlite3.IntegrityError):
        await taken
    await after
    numbers = await database.do(lambda db: [row[0] for row in db.execute("SELECT n FROM t ORDER BY rowid")])
    assert numbers == [*range(50), 99]
    database.close()


@asynchronous
async def test_what_nobody_waits_for_is_written_together_with_what_somebody_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.storage.database.MAX_DELAY", 1e6)
    async with opened(tmp_path / "x.sqlite3") as database:
        statements: list[str] = []
        await database.do(lambda db: db.set_trace_callback(statements.append))
        for number in range(3):
            database.write_in_background(lambda db, number=number: db.execute("INSERT INTO t VALUES (?)", (number,)))
            while database.has_new_work:  # until the thread has taken it
                await asyncio.sleep(0)
        assert "BEGIN" not in statements
        waiting = database.do(lambda db: db.execute("INSERT INTO t VALUES (3)"))
        database.write_in_background(lambda db: db.execute("INSERT INTO t VALUES (4)"))
        await waiting
        assert statements.count("BEGIN") == 1
        await database.do(lambda db: db.set_trace_callback(None))
        numbers = await database.do(lambda db: [row[0] for row in db.execute("SELECT n FROM t ORDER BY rowid")])
        assert numbers == [0, 1, 2, 3, 4]


@asynchronous
async def test_what_nobody_waits_for_is_written_soon_all_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path / "x.sqlite3") as database:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        database.write_in_background(lambda _: loop.call_soon_threadsafe(done.set))
        await done.wait()


@asynchronous
async def test_a_change_of_a_run_does_not_write_its_document_again(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    log = path.with_name("x.sqlite3-wal")
    async with opened(path, tables.SCHEMA) as database:
        run = Run("a")
        await database.do(lambda db: store.insert(db, run, None, "", {}, "x" * 2**20))
        assert log.stat().st_size > 2**20
        before = await database.do(lambda db: db.total_changes)
        pages = log.stat().st_size
        for status in ("running", "finished"):
            run.status = status
            values = columns(run)
            await database.do(lambda db, values=values: store.update(db, "a", values))
        assert await database.do(lambda db: db.total_changes) == before + 2
        assert log.stat().st_size < pages + 2**17


@asynchronous
async def test_another_program_that_holds_the_file_is_waited_for_once_and_not_with_each_piece_of_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "SHORT_TIMEOUT", 1)
    waits: list[int] = []
    connections: list[sqlite3.Connection] = []

    def connect(path: Path) -> sqlite3.Connection:
        class Connection(sqlite3.Connection):
            patience = 5_000

            def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
                if statement.startswith("PRAGMA busy_timeout="):
                    self.patience = int(statement.partition("=")[2])
                    return super().execute("PRAGMA busy_timeout=1")  # it is counted, and not waited for
                try:
                    return super().execute(statement, *arguments)
                except sqlite3.OperationalError:
                    waits.append(self.patience)
                    raise

        connections.append(sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Connection))
        return connections[-1]

    database = Database(tmp_path / "x.sqlite3", TABLE, 1, connect=connect)
    other = sqlite3.connect(tmp_path / "x.sqlite3", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        for round_ in range(3):
            work = [database.do(lambda db, n=n: db.execute("INSERT INTO t VALUES (?)", (n,))) for n in range(20)]
            read = database.do(lambda db: db.execute("SELECT count(*) FROM t").fetchone()[0])
            failed = await asyncio.gather(*work, return_exceptions=True)
            assert {str(error) for error in failed} == {"database is locked"}, round_
            assert await read == 0
        assert waits.count(5_000) == 1
        assert set(waits) == {5_000, 1, 0}
        other.execute("COMMIT")
        await database.do(lambda db: db.execute("INSERT INTO t VALUES (1)"))
        assert connections[0].patience == 5_000  # type: ignore[attr-defined]
    finally:
        other.close()
        database.close()
