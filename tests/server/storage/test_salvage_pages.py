"""Rows are read off the pages of a file, one page by itself, whatever SQLite says of the whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from server.storage.salvage_pages import rows_on_pages

VALUES: list[Any] = [
    None, 0,
    1, -1, 127, -128, 32_767, -(2**23), 2**31 - 1, -(2**47), 2**62, 0.5, -1e300, "", "text ä", b"", b"\xff\x00",
]  # fmt: skip


def made(path: Path, statements: str, rows: list[tuple[Any, ...]] = [], page_size: int = 4096) -> Path:  # noqa: B006
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA page_size = {page_size}")
        db.executescript(statements)
        db.executemany("INSERT INTO t VALUES (?, ?)", rows)
        db.commit()
    return path


def rows_of(path: Path) -> list[tuple[bool, int, list[Any]]]:
    return [row for row in rows_on_pages(path) if len(row[2]) == 2]


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
def test_every_type_of_value_is_read_with_the_number_of_its_row(tmp_path: Path, page_size: int) -> None:
    rows = [(number, value) for number, value in enumerate(VALUES)]
    found = rows_of(made(tmp_path / "x", "CREATE TABLE t (n, v);", rows, page_size))
    assert [(numbered, number) for numbered, number, _ in found] == [(True, n + 1) for n in range(len(VALUES))]
    assert [values for *_, values in found] == [[n, value] for n, value in rows]


def test_a_table_without_row_numbers_is_one_too(tmp_path: Path) -> None:
    schema = "CREATE TABLE t (n TEXT PRIMARY KEY, v) WITHOUT ROWID;"
    found = rows_of(made(tmp_path / "x", schema, [("a", 1), ("b", 2)]))
    assert found == [(False, 0, ["a", 1]), (False, 0, ["b", 2])]


@pytest.mark.parametrize("length", [4_000, 4_062, 10_000, 1_000_000])
def test_what_does_not_fit_on_a_page_is_read_from_the_pages_behind(tmp_path: Path, length: int) -> None:
    text = "".join(chr(97 + number % 26) for number in range(length))
    found = rows_of(made(tmp_path / "x", "CREATE TABLE t (n, v);", [(1, text)]))
    assert [values for *_, values in found] == [[1, text]]


def test_a_spoilt_page_costs_its_own_rows(tmp_path: Path) -> None:
    path = made(tmp_path / "x", "CREATE TABLE t (n, v);", [(n, "x" * 500) for n in range(50)])
    data = bytearray(path.read_bytes())
    before = len(rows_of(path))
    data[2 * 4096 : 3 * 4096] = b"\xaa" * 4096
    path.write_bytes(data)
    assert before - 10 <= len(rows_of(path)) < before


def test_the_first_page_may_be_gone(tmp_path: Path) -> None:
    path = made(tmp_path / "x", "CREATE TABLE t (n, v);", [(n, "x" * 500) for n in range(50)])
    before = len(rows_of(path))
    data = path.read_bytes()
    path.write_bytes(b"\xaa" * 4096 + data[4096:])
    assert len(rows_of(path)) >= before - 8


@pytest.mark.parametrize("data", [b"", b"\x0d" * 100_000, bytes(range(256)) * 400, b"\x0d\0\0\xff\xff" * 10_000])
def test_any_bytes_come_to_an_end(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    for _, _, values in rows_on_pages(path):
        assert isinstance(values, list)
