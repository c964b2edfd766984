"""What can still be read of a damaged database is copied, table by table and row by row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.runs import tables
from server.storage.salvage import salvage
from tests.server.test_damaged_database import fill

COUNT = 200
PAGE = 4096


@pytest.fixture
def damaged(tmp_path: Path) -> tuple[Path, list[str]]:
    """A database of some hundred runs, and their ids."""
    path = tmp_path / "old.sqlite3"
    return path, fill(path, COUNT)


@pytest.fixture
def new(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "new.sqlite3", isolation_level=None)) as connection:
        connection.executescript(tables.SCHEMA)
        yield connection


def ids(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT id FROM runs")}


def overwrite(path: Path, page: int, count: int = 1) -> None:
    with path.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(b"\xaa" * PAGE * count)


def test_of_a_whole_file_everything_is_copied(damaged: tuple[Path, list[str]], new: sqlite3.Connection) -> None:
    path, runs = damaged
    found = salvage(path, new)
    assert found == {name: len(runs) for name in ("runs", "workflows", "events", "outputs")}
    assert ids(new) == {*runs}


def test_a_damaged_page_costs_the_rows_on_it(damaged: tuple[Path, list[str]], new: sqlite3.Connection) -> None:
    path, runs = damaged
    overwrite(path, path.stat().st_size // PAGE // 2)
    found = salvage(path, new)
    assert found["runs"] > 0.8 * len(runs)
    assert ids(new) < {*runs} or found["events"] < len(runs) or found["workflows"] < len(runs) or found["outputs"]


def test_without_its_first_page_the_tables_are_looked_for_where_they_were_made(
    damaged: tuple[Path, list[str]], new: sqlite3.Connection
) -> None:
    path, runs = damaged
    overwrite(path, 0)
    salvage(path, new)
    assert ids(new) == {*runs}


def test_a_file_that_was_cut_gives_what_is_before_the_cut(
    damaged: tuple[Path, list[str]], new: sqlite3.Connection
) -> None:
    path, runs = damaged
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    salvage(path, new)
    assert ids(new) <= {*runs}
    assert len(ids(new)) > 10


@pytest.mark.parametrize("data", [b"", b"no database at all" * 1_000])
def test_of_what_is_no_database_there_is_nothing(tmp_path: Path, new: sqlite3.Connection, data: bytes) -> None:
    path = tmp_path / "none"
    path.write_bytes(data)
    assert not any(salvage(path, new).values())
    assert salvage(tmp_path / "gone", new) == {}


def test_the_damaged_file_itself_is_left_alone(damaged: tuple[Path, list[str]], new: sqlite3.Connection) -> None:
    path, _ = damaged
    overwrite(path, 0)
    before = path.read_bytes()
    salvage(path, new)
    assert path.read_bytes() == before
