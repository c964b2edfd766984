"""The index of a cache folder: which results are known under which keys, and where their values are. SQLite, no files.

A *result* (marks, artifacts, seconds, worth) has keys, and uses *contents*; a content is either in the index itself or
a file of its own, and is counted once however many results use it. Keys belong to an *edition* (of the code that makes
results, and what it stands on): those of another are not found, and grow old and go like all others. Several processes
may use one index: every change is one transaction (`graph.caching.disk.transaction`), and who is about to write takes
the lock first. Nothing here catches database errors.
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
"""Raised when anything changes that is stored, fingerprints included: an index of another format is set aside."""
_KEYS_A_RESULT = 16
"""How many keys of a result come with it when it is found under one."""

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
    """What the index knows under a key."""

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
    """What the index holds of one node type."""

    node_type: str
    results: int
    values: int
    nbytes: int
    seconds: float
    """What it took to make those whose values are there."""


class DiskIndex:
    """An open index; raises `sqlite3.Error`, `OSError` and `WrongFormatError`. Reading and writing go side by side."""

    def __init__(self, path: Path, layer: FileLayer, code_version: bytes = b"") -> None:
        make_private(path.parent)  # values and prompts
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
        """Let go of the file."""
        with self._write_lock, self._read_lock:
            self._writer.close()
            if hasattr(self, "_reader"):
                self._reader.close()

    def _prepare(self) -> None:
        for connection in (self._writer, self._reader):
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            connection.execute("PRAGMA synchronous = NORMAL")
        if self._read("PRAGMA user_version")[0][0] == FORMAT:
            return  # no need to wait for who is writing, and perhaps has been stopped over it
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
        """Whether the open file is still the one at its path: another may be there, or none."""
        return self._file == _file_at(self._path)

    def keys_after(self, number: int) -> tuple[int, list[Key]]:
        """The keys that came after one, and the number of the last."""
        rows = self._read(
            "SELECT number, key FROM keys WHERE number > ? AND edition = ? ORDER BY number", number, self._code_version
        )
        return (rows[-1][0] if rows else number), [bytes(row[1]) for row in rows]

    def find(self, key: Key) -> Record | None:
        """What is known under a key; nothing where the row makes no sense, as in a file that is damaged."""
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
        """Whether a content is stored."""
        return bool(self._read("SELECT 1 FROM contents WHERE mark = ?", fingerprint))

    def content(self, fingerprint: Fingerprint) -> tuple[bool, bytes | None]:
        """Whether a content is stored, and its bytes if they are in the index itself."""
        rows = self._read("SELECT inline FROM contents WHERE mark = ?", fingerprint)
        return bool(rows), (rows[0][0] if rows else None)

    def contents(self, *, in_files: bool = False) -> list[Fingerprint]:
        """Every content; or those that have a file."""
        where = "WHERE inline IS NULL" if in_files else ""
        return [bytes(row[0]) for row in self._read(f"SELECT mark FROM contents {where}")]  # noqa: S608 - from above

    def totals(self) -> list[TypeTotal]:
        """What is held, by node type, most bytes first."""
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
        """How many results and questions are known."""
        return int(self._read("SELECT count(*) FROM results")[0][0])

    def calls(self, limit: int) -> list[str]:
        """The last calls that were written down, oldest first."""
        rows = self._read("SELECT call FROM calls ORDER BY number DESC LIMIT ?", limit)
        return [row[0] for row in reversed(rows)]

    def check(self) -> str:
        """What SQLite finds wrong with its file; empty when nothing is."""
        found = "; ".join(str(row[0]) for row in self._read("PRAGMA integrity_check"))
        return "" if found == "ok" else found

    def shrink(self) -> None:
        """Give the room of what is gone back to the disk."""
        with self._write_lock:
            self._writer.execute("VACUUM")

    def _read(self, statement: str, *values: Any) -> list[Any]:
        with self._read_lock:
            return self._reader.execute(statement, values).fetchall()

    @contextlib.contextmanager
    def writing(self) -> Iterator[Change]:
        """A transaction; all of it is done, or nothing. Waits for other processes that write."""
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
    """One statement after the other: `executescript` would end the transaction first."""
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""
