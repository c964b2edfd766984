"""Copies readable rows of a damaged database into a new one, table by table and row by row.

SQLite reads a table page by page and fails at a damaged page; rows before and behind it are found by querying smaller
and smaller ranges. If the first page, which locates the tables, is damaged, it is replaced by that of a new database:
tables that were never rebuilt are where they were created. For tables of which nothing is found this way, every page is
examined (`salvage_pages`). Rows that the new database refuses are left out; the values of rows are checked by their
readers.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.storage.salvage_pages import rows_on_pages

_HEADER = b"SQLite format 3\0"
_PAGE_COUNT, _FREE_LIST, _COUNTERS = 28, 32, (24, 92)
_SMALLEST_RANGE = 1
_MOST_ROWS = 2**40
_MOST_FAILURES = 2_000
"""The search ends after so many unreadable ranges; a readable range reduces the count to half of it at most."""
Row = tuple[object, ...]
_FITTING = {"TEXT": (str,), "INTEGER": (int, type(None)), "REAL": (float, int, type(None))}
_ANY = (str, bytes, int, float, type(None))


def salvage(damaged: Path, into: sqlite3.Connection) -> dict[str, int]:
    """Copies the readable rows of `damaged` into the same tables of `into`; returns how many rows each table got."""
    with tempfile.TemporaryDirectory(prefix="jacquard-salvage-") as folder:
        copy = Path(folder) / "copy.sqlite3"
        try:
            shutil.copyfile(damaged, copy)
            with contextlib.suppress(OSError):
                shutil.copyfile(f"{damaged}-wal", f"{copy}-wal")
        except OSError:
            return {}
        found = _copy_tables(copy, into)
        if not any(found.values()) and _give_first_page(copy, into):
            found = _copy_tables(copy, into)
        _copy_pages(copy, into, found)
        return found


def _copy_pages(copy: Path, into: sqlite3.Connection, found: dict[str, int]) -> None:
    """Examines every page for rows of the tables of which nothing was found."""
    empty = [table for table in _tables(into) if not found.get(table)]
    if not empty:
        return
    shapes = {table: _shape(table, copy, into) for table in empty}
    rows = [row for row in rows_on_pages(copy) if any(len(row[2]) <= len(shape.names) for shape in shapes.values())]
    for table, shape in shapes.items():
        accepted = [row_values for row in rows if (row_values := shape.take(*row)) is not None]
        found[table] = _insert(table, shape.names, accepted, into)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The types of a table's columns, in the order of the file: they identify its rows."""

    names: list[str]
    types: list[str]
    number: str
    """The column with the row number; empty for a table without row numbers."""
    may_lack: int
    """How many of the last columns may be missing in rows of an earlier version."""

    def take(self, numbered: bool, number: int, values: list[object]) -> Row | None:
        """Returns the row if it belongs to this table."""
        if numbered != bool(self.number) or not len(self.names) - self.may_lack <= len(values) <= len(self.names):
            return None
        row = [number if name == self.number else value for name, value in zip(self.names, values, strict=False)]
        fits = all(
            type(value) in _FITTING.get(kind, _ANY) for kind, value in zip(self.types, row, strict=False)
        ) and isinstance(row[1 if self.number in self.names else 0], str)
        return (*row, *(None for _ in self.names[len(row) :])) if fits else None


def _shape(table: str, copy: Path, into: sqlite3.Connection) -> _Shape:
    wanted = {row[1]: row for row in into.execute(f"PRAGMA table_info({table})")}
    names = list(wanted)
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(copy)) as source:
        source.execute("PRAGMA writable_schema = ON")
        there = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
        names = there if set(there) == set(wanted) else names  # migrations append columns, so the order may differ
    number = next((name for name, row in wanted.items() if row[2] == "INTEGER" and row[5]), "")
    try:
        into.execute(f"SELECT rowid FROM {table} LIMIT 0")  # noqa: S608
        number = number or "rowid"
    except sqlite3.Error:
        number = ""
    late = sum(1 for name in names if wanted[name][4] is not None)
    return _Shape(names, [wanted[name][2] for name in names], number, late)


def _insert(table: str, names: list[str], rows: list[Row], into: sqlite3.Connection) -> int:
    count = 0
    into.execute("BEGIN")
    for row in rows:
        there = [(name, value) for name, value in zip(names, row, strict=True) if value is not None]
        if not there:
            continue
        with contextlib.suppress(sqlite3.IntegrityError, sqlite3.InterfaceError, OverflowError, UnicodeError):
            columns, placeholders = ", ".join(name for name, _ in there), ", ".join("?" * len(there))
            insert = f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({placeholders})"  # noqa: S608 - of our own tables
            count += into.execute(insert, [value for _, value in there]).rowcount
    into.execute("COMMIT")
    return count


def _tables(into: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid"
    return [row[0] for row in into.execute(query) if not row[0].startswith("sqlite_")]


def _copy_tables(copy: Path, into: sqlite3.Connection) -> dict[str, int]:
    try:
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as source:
            source.execute("PRAGMA writable_schema = ON")  # without it a truncated file is refused
            source.text_factory = lambda data: str(data, "utf-8", "replace")
            return {table: _copy_table(table, source, into) for table in _tables(into)}
    except sqlite3.Error:
        return {}


def _copy_table(table: str, source: sqlite3.Connection, into: sqlite3.Connection) -> int:
    try:
        there = {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
    except sqlite3.Error:
        return 0
    columns = [row[1] for row in into.execute(f"PRAGMA table_info({table})") if row[1] in there]
    if not columns:
        return 0
    return _insert(table, columns, list(_rows(table, ", ".join(columns), source, into)), into)


def _rows(table: str, names: str, source: sqlite3.Connection, into: sqlite3.Connection) -> Iterator[Row]:
    query = f"SELECT {names} FROM {table}"  # noqa: S608 - names of our own tables
    try:
        source.execute(f"SELECT rowid FROM {table} LIMIT 0")  # noqa: S608
    except sqlite3.Error:  # the table has no row numbers: its key is run and number
        for (run,) in into.execute("SELECT id FROM runs").fetchall():
            yield from _from_both_ends(query, str(run), source)
        return
    yield from _between(query, source, 1, _last_row(table, source))


def _from_both_ends(query: str, run: str, source: sqlite3.Connection) -> Iterator[Row]:
    for order in ("ASC", "DESC"):
        try:
            for row in source.execute(f"{query} WHERE run = ? ORDER BY last_number {order}", (run,)):
                yield tuple(row)
        except sqlite3.Error:
            continue
        return


def _last_row(table: str, source: sqlite3.Connection) -> int:
    for query in (f"SELECT max(rowid) FROM {table}", f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'"):  # noqa: S608
        with contextlib.suppress(sqlite3.Error, TypeError, ValueError):
            return min(int(source.execute(query).fetchone()[0]), _MOST_ROWS)
    return 2**20


def _between(query: str, source: sqlite3.Connection, first: int, last: int) -> Iterator[Row]:
    """Yields the rows of a range by number; unreadable ones are left out."""
    ranges = [(first, last)]
    failed = 0
    while ranges and failed < _MOST_FAILURES:
        low, high = ranges.pop()
        try:
            found = source.execute(f"{query} WHERE rowid BETWEEN ? AND ? ORDER BY rowid", (low, high)).fetchall()
        except sqlite3.Error:
            failed += 1
            if high - low >= _SMALLEST_RANGE:
                middle = (low + high) // 2
                ranges += [(middle + 1, high), (low, middle)]
            continue
        failed = min(failed, _MOST_FAILURES // 2) if found else failed
        for row in found:
            yield tuple(row)


def _give_first_page(copy: Path, like: sqlite3.Connection) -> bool:
    """Replaces the first page by that of a new database with the same tables."""
    schema = [row[0] for row in like.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")]
    size = like.execute("PRAGMA page_size").fetchone()[0]
    new = copy.with_name("new.sqlite3")
    with contextlib.closing(sqlite3.connect(new, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {size}")
        for statement in schema:
            if not statement.startswith("CREATE TABLE sqlite_"):
                connection.execute(statement)
    page = bytearray(new.read_bytes()[:size])
    pages = copy.stat().st_size // size
    if pages < 2 or page[: len(_HEADER)] != _HEADER:
        return False
    struct.pack_into(">I", page, _PAGE_COUNT, pages)
    struct.pack_into(">II", page, _FREE_LIST, 0, 0)
    for place in _COUNTERS:
        struct.pack_into(">I", page, place, 1)
    with copy.open("r+b") as file:
        file.write(page)
    return True
