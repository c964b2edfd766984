"""A connection to a real database whose writes fail when a test says so, as on a disk that is full and well again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


def full() -> sqlite3.OperationalError:
    """What SQLite says when the disk is full."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    error.sqlite_errorname = "SQLITE_FULL"
    return error


class Disk:
    """Counts writes and commits of writes. The one with number `fails_at` fails, and `many` in all.

    A write that fails takes the whole transaction along, as SQLite does when the disk is full.
    """

    def __init__(self) -> None:
        self.writes: list[str] = []
        self.fails_at, self.many = 0, 0
        self.failed = 0
        self._changes = 0

    def connect(self, path: Path) -> sqlite3.Connection:
        disk = self

        class Connection(sqlite3.Connection):
            def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
                disk.count(self, statement)
                statement = statement.replace("synchronous=FULL", "synchronous=OFF")  # nobody pulls the plug
                return super().execute(statement, *arguments)

            def executemany(self, statement: str, rows: Iterable[Any], /) -> sqlite3.Cursor:
                disk.count(self, statement)
                return super().executemany(statement, rows)

        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Connection)

    def count(self, connection: sqlite3.Connection, statement: str) -> None:
        if statement == "BEGIN":
            self._changes = connection.total_changes
        wrote = statement == "COMMIT" and connection.total_changes != self._changes
        if wrote or statement.lstrip().startswith(_WRITES):
            self.writes.append(statement.split("(")[0].strip()[:60])
            if self.fails_at and len(self.writes) >= self.fails_at and self.failed < self.many:
                self.failed += 1
                if connection.in_transaction:
                    sqlite3.Connection.execute(connection, "ROLLBACK")
                raise full()
