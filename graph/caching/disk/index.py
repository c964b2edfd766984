"""The index of a cache folder: results by key, and where their values are. SQLite only, no files.

A *result* (fingerprints, artifacts, seconds, eviction score) has keys, and uses *contents*. A content is in the index
itself or in a file, and counts once, however many results use it. Keys belong to a *code version* (of the code that
makes results, and what it depends on): keys of another one are not found, and age and are dropped like all others.
Several processes may share an index: every change is one transaction (`graph.caching.disk.transaction`), and a writer
takes the lock first. Database errors are not caught here.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.caching.disk.filesystem import FileLayer
from graph.caching.disk.transaction import Change
from graph.files.folders import make_private
from graph.node_types.context import Artifact
from graph.node_types.warnings import NO_WARNINGS, NodeWarnings
from graph.results.result import Fingerprint, Key, RequestedInputs
from graph.results.storage_policy import RECORD_BYTES

FORMAT = 5
"""Increased when anything stored changes, fingerprints included: an index of another format is set aside."""
_KEYS_A_RESULT = 16
"""The most keys of a result that are returned when it is found under one."""

_SCHEMA = """
CREATE TABLE results (
    id INTEGER PRIMARY KEY, identity BLOB NOT NULL UNIQUE, node_type TEXT NOT NULL, marks TEXT NOT NULL,
    artifacts TEXT NOT NULL, asked TEXT, warned TEXT, seconds REAL NOT NULL, hits INTEGER NOT NULL DEFAULT 1,
    bytes INTEGER NOT NULL DEFAULT 0, has_values INTEGER NOT NULL DEFAULT 0, worth REAL NOT NULL DEFAULT 0);
CREATE INDEX results_by_worth ON results (has_values, worth);
CREATE TABLE keys (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL, edition BLOB NOT NULL, result INTEGER NOT NULL,
    UNIQUE (key, edition));
CREATE INDEX keys_by_result ON keys (result);
CREATE TABLE contents (mark BLOB PRIMARY KEY, bytes INTEGER NOT NULL, inline BLOB) WITHOUT ROWID;
CREATE TABLE uses (result INTEGER NOT NULL, mark BLOB NOT NULL, PRIMARY KEY (result, mark)) WITHOUT ROWID;
CREATE INDEX uses_by_mark ON uses (mark);
CREATE TABLE calls (number INTEGER PRIMARY KEY AUTOINCREMENT, identity BLOB NOT NULL UNIQUE, call TEXT NOT NULL);
CREATE TABLE totals (name TEXT PRIMARY KEY, amount REAL NOT NULL) WITHOUT ROWID;
INSERT INTO totals VALUES ('bytes', 0), ('age', 0);
CREATE TRIGGER content_comes AFTER INSERT ON contents BEGIN
    UPDATE totals SET amount = amount + NEW.bytes WHERE name = 'bytes'; END;
CREATE TRIGGER content_goes AFTER DELETE ON contents BEGIN
    UPDATE totals SET amount = amount - OLD.bytes WHERE name = 'bytes'; END;
"""


class WrongFormatError(Exception):
    """The index was made by another version."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the index has under a key."""

    id: int
    keys: tuple[Key, ...]
    fingerprints: tuple[Fingerprint, ...]
    artifacts: tuple[Artifact, ...]
    seconds: float
    has_values: bool
    requested: RequestedInputs | None
    warned: NodeWarnings = NO_WARNINGS


@dataclass(frozen=True, slots=True)
class TypeTotal:
    """What the index has of one node type."""

    node_type: str
    results: int
    values: int
    nbytes: int
    seconds: float
    """The time it took to make the stored values."""


class DiskIndex:
    """An open index. Raises `sqlite3.Error`, `OSError` and `WrongFormatError`. Reads and writes may run in parallel."""

    def __init__(self, path: Path, layer: FileLayer, code_version: bytes = b"") -> None:
        make_private(path.parent)  # it contains values and prompts
        self._path = path
        self._code_version = code_version
        self._write_lock = threading.RLock()
        self._read_lock = threading.Lock()
        self._writer = layer.connect(path)
        try:
            self._reader = layer.connect(path)
            self._prepare()
            self._file = _file_at(path)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._write_lock, self._read_lock:
            self._writer.close()
            if hasattr(self, "_reader"):
                self._reader.close()

    def _prepare(self) -> None:
        for connection in (self._writer, self._reader):
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            connection.execute("PRAGMA synchronous = NORMAL")
        if self._read("PRAGMA user_version")[0][0] == FORMAT:
            return  # without the write lock, which another process may hold for long
        with self.writing() as change:
            version = change.execute("PRAGMA user_version").fetchone()[0]
            if version == 0 and change.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                for statement in _statements(_SCHEMA):
                    change.execute(statement)
                change.execute(f"PRAGMA user_version = {FORMAT}")
            elif version != FORMAT:
                raise WrongFormatError(f"it was made by another version (format {version}, not {FORMAT})")

    @property
    def is_in_place(self) -> bool:
        """Whether the open file is still the one at its path."""
        return self._file == _file_at(self._path)

    def keys_after(self, number: int) -> tuple[int, list[Key]]:
        """Return the keys after a number, and the number of the last one."""
        rows = self._read(
            "SELECT number, key FROM keys WHERE number > ? AND edition = ? ORDER BY number", number, self._code_version
        )
        return (rows[-1][0] if rows else number), [bytes(row[1]) for row in rows]

    def find(self, key: Key) -> Record | None:
        """Return what is stored under a key; None also for an unreadable row."""
        rows = self._read(
            "SELECT id, marks, artifacts, seconds, has_values, asked, warned FROM results"
            " WHERE id = (SELECT result FROM keys WHERE key = ? AND edition = ?)", key, self._code_version
        )  # fmt: skip
        if not rows:
            return None
        number, fingerprints, artifacts, seconds, has_values, requested, warned = rows[0]
        others = self._read(
            "SELECT key FROM keys WHERE result = ? AND edition = ? ORDER BY number DESC LIMIT ?",
            number, self._code_version, _KEYS_A_RESULT,
        )  # fmt: skip
        try:
            return Record(
                number,
                tuple(dict.fromkeys((key, *(bytes(row[0]) for row in others)))),
                tuple(map(bytes.fromhex, json.loads(fingerprints))),
                tuple(Artifact(*map(str, item)) for item in json.loads(artifacts)),
                float(seconds),
                bool(has_values),
                None if requested is None else RequestedInputs(tuple(json.loads(requested))),
                NO_WARNINGS if warned is None else NodeWarnings.from_data(json.loads(warned)),
            )
        except (ValueError, TypeError):
            return None

    def has_content(self, fingerprint: Fingerprint) -> bool:
        """Return whether a content is stored."""
        return bool(self._read("SELECT 1 FROM contents WHERE mark = ?", fingerprint))

    def content(self, fingerprint: Fingerprint) -> tuple[bool, bytes | None]:
        """Return whether a content is stored, and its bytes if they are in the index."""
        rows = self._read("SELECT inline FROM contents WHERE mark = ?", fingerprint)
        return bool(rows), (rows[0][0] if rows else None)

    def contents(self, *, in_files: bool = False) -> list[Fingerprint]:
        """Return all contents, or those in files."""
        where = "WHERE inline IS NULL" if in_files else ""
        return [bytes(row[0]) for row in self._read(f"SELECT mark FROM contents {where}")]  # noqa: S608 - from above

    def totals(self) -> list[TypeTotal]:
        """Return what is stored by node type, most bytes first."""
        rows = self._read(
            "SELECT node_type, count(*), sum(stored), sum(bytes * stored), sum(seconds * stored)"
            " FROM (SELECT *, has_values AND marks != '[]' AS stored FROM results WHERE asked IS NULL)"
            " GROUP BY node_type ORDER BY 4 DESC, 1"
        )
        return [TypeTotal(*row) for row in rows]

    @property
    def nbytes(self) -> int:
        """Bytes of all contents."""
        return int(self._read("SELECT amount FROM totals WHERE name = 'bytes'")[0][0])

    @property
    def held(self) -> int:
        """Bytes of contents and, roughly, of records."""
        return self.nbytes + RECORD_BYTES * self.record_count

    @property
    def record_count(self) -> int:
        """How many results and requests are stored."""
        return int(self._read("SELECT count(*) FROM results")[0][0])

    def calls(self, limit: int) -> list[str]:
        """Return the last stored calls, oldest first."""
        rows = self._read("SELECT call FROM calls ORDER BY number DESC LIMIT ?", limit)
        return [row[0] for row in reversed(rows)]

    def check(self) -> str:
        """Return what SQLite finds wrong with the file; '' if nothing."""
        found = "; ".join(str(row[0]) for row in self._read("PRAGMA integrity_check"))
        return "" if found == "ok" else found

    def shrink(self) -> None:
        """Return free pages of the file to the disk."""
        with self._write_lock:
            self._writer.execute("VACUUM")

    def _read(self, statement: str, *values: Any) -> list[Any]:
        with self._read_lock:
            return self._reader.execute(statement, values).fetchall()

    @contextlib.contextmanager
    def writing(self) -> Iterator[Change]:
        """Open a transaction; waits for other processes that write. An exception rolls it back."""
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield Change(self._writer, self._code_version)
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
                raise
            try:
                self._writer.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
                raise


def _file_at(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _statements(script: str) -> Iterator[str]:
    """Split a script: `executescript` would commit the transaction first."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""
