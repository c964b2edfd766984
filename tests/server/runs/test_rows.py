"""A row of the table of runs: each column is checked by itself, and a damaged one costs only itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from server.runs import store, tables
from server.runs.rows import AS_JSON, COLUMNS, ESSENTIAL, columns, run_of
from server.runs.run import Run

RUN = Run(
    "r", "running", "Cats", "somebody", ["9"], 3, 10.0, 11.0, None, 2, 1, True, [{"code": "x"}], [{"cause": "signal"}],
    {"9": [{"name": "a.png"}]}, {"3": [{"message": "look"}]}, 7, 8, {"9": 4}, 42,
)  # fmt: skip


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.executescript(tables.SCHEMA.replace(" NOT NULL", ""))
    store.insert(connection, RUN, None, "", {}, "{}")
    yield connection
    connection.close()


def read(database: sqlite3.Connection) -> Run:
    return run_of(database.execute("SELECT * FROM runs").fetchone())


def test_a_run_comes_out_as_it_went_in(database: sqlite3.Connection) -> None:
    assert read(database) == RUN


def test_every_fact_of_a_run_has_a_column_but_those_that_are_not_written_down() -> None:
    assert {*COLUMNS} == set(Run.__slots__) - {"id", "damaged", "draining"}
    assert set(columns(RUN)) == {*COLUMNS}
    assert all(isinstance(columns(RUN)[name], str) for name in AS_JSON)
    assert {*COLUMNS} > ESSENTIAL


WRONG: dict[str, list[Any]] = {
    "status": ["nonsense", 5, b"queued"],
    "title": [b"\xff"],
    "targets": ['{"a": 1}', "[1]", "[", "[" * 20_000, 7],
    "node_count": [-1, 1.5, 2**60, "many"],
    "created": ["now", float("inf"), None],
    "started": ["now", float("-inf")],
    "cancelling": [-1, "yes"],
    "problems": ['[{"code": 1}]', "{}", "[[]]"],
    "failures": ["[1]", "{}"],
    "artifacts": ['{"1": {}}', "[]", '{"1": [1]}'],
    "artifact_counts": ['{"1": -1}', '{"1": "2"}'],
    "last_number": [-1, "many"],
    "warnings": ['{"1": 5}', "[]"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_damaged_column_has_a_default_and_is_named_and_the_others_are_whole(
    database: sqlite3.Connection, name: str, value: object
) -> None:
    database.execute(f"UPDATE runs SET {name} = ?", (value,))  # noqa: S608 - from the table above
    found = read(database)
    assert found.damaged == (name,)
    default = COLUMNS[name][1]()
    assert getattr(found, name) == (bool(default) if name == "cancelling" else default)
    assert replace(found, damaged=(), **{name: getattr(RUN, name)}) == RUN


@pytest.mark.parametrize("name", ["targets", "started", "finished"])
def test_some_columns_may_be_without_a_value(database: sqlite3.Connection, name: str) -> None:
    database.execute(f"UPDATE runs SET {name} = ?", (json.dumps(None) if name in AS_JSON else None,))  # noqa: S608
    found = read(database)
    assert found.damaged == ()
    assert getattr(found, name) is None
