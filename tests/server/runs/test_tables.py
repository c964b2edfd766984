"""The tables of every earlier version become those of today, column by column, and nothing in them is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from server.runs import tables
from tests.server.runs.test_store import VERSION_1


def shape(connection: sqlite3.Connection) -> dict[str, set[str]]:
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
        for name in names
        if not name.startswith("sqlite_") and name != "outputs"
    }


def test_there_is_a_step_to_each_version() -> None:
    assert [*tables.STEPS] == [*range(2, tables.VERSION + 1)]


def test_the_steps_lead_to_the_tables_of_today_and_keep_what_is_in_them() -> None:
    with closing(sqlite3.connect(":memory:")) as old, closing(sqlite3.connect(":memory:")) as new:
        old.executescript(VERSION_1)
        for step in tables.STEPS.values():
            old.executescript(step)
        new.executescript(tables.SCHEMA)
        assert shape(old) == shape(new)
        assert old.execute("SELECT title, problem_count, digest FROM runs").fetchall() == [("A title", 0, "")]
        assert old.execute("SELECT document FROM workflows").fetchall() == [('{"jacquard": 1}',)]


def test_making_the_tables_twice_changes_nothing() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(tables.SCHEMA)
        before = shape(connection)
        connection.executescript(tables.SCHEMA)
        assert shape(connection) == before
        assert connection.execute("PRAGMA user_version").fetchone() == (tables.VERSION,)


@pytest.mark.parametrize("table", ["workflows", "events"])
def test_what_belongs_to_a_run_goes_with_it(table: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(VERSION_1)
        for step in tables.STEPS.values():
            connection.executescript(step)
        connection.execute("PRAGMA foreign_keys = ON")
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)  # noqa: S608
        connection.execute("DELETE FROM runs")
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
