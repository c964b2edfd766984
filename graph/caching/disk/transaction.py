"""The changes to an index, each inside a transaction: add, drop, evict. No files.

Contents that no result uses any more are removed from the index and returned; the caller deletes their files after the
transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graph.node_types.context import Artifact
from graph.node_types.digests import digest, encode
from graph.node_types.warnings import NO_WARNINGS, NodeWarnings
from graph.results.result import Fingerprint, Key, RequestedInputs
from graph.results.storage_policy import LOWEST_SCORE, READ_AGE, RECORD_BYTES, REFILL, SET_SCORE, WRITE_AGE, age_after


@dataclass(frozen=True, slots=True)
class Row:
    """A result or request to store."""

    node_type: str
    fingerprints: tuple[Fingerprint, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    seconds: float = 0.0
    requested: RequestedInputs | None = None
    warned: NodeWarnings = NO_WARNINGS


class Change:
    """The changes inside one transaction."""

    def __init__(self, connection: sqlite3.Connection, code_version: bytes) -> None:
        self.execute = connection.execute
        self._code_version = code_version

    def has_content(self, fingerprint: Fingerprint) -> bool:
        """Return whether a content is stored."""
        return self.execute("SELECT 1 FROM contents WHERE mark = ?", (fingerprint,)).fetchone() is not None

    def add_content(self, fingerprint: Fingerprint, nbytes: int, inline: bytes | None) -> None:
        """Add a content; without `inline` it is in a file."""
        self.execute("INSERT OR IGNORE INTO contents VALUES (?, ?, ?)", (fingerprint, nbytes, inline))

    def add(self, row: Row, keys: Iterable[Key], *, with_values: bool = False) -> list[Fingerprint]:
        """Add a result under some keys; `with_values` if its contents are stored.

        Returns the contents that are unused now, because their keys moved.
        """
        fingerprints = json.dumps([fingerprint.hex() for fingerprint in row.fingerprints])
        artifacts = json.dumps([[item.folder, item.name, item.media, item.label] for item in row.artifacts])
        requested = None if row.requested is None else json.dumps(row.requested.names)
        warned = json.dumps(row.warned.as_data()) if row.warned else None
        identity = digest(encode([row.node_type, fingerprints, artifacts, requested, warned]))
        self.execute(
            "INSERT INTO results (identity, node_type, marks, artifacts, asked, warned, seconds)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (identity) DO UPDATE SET marks = excluded.marks, artifacts = excluded.artifacts,"
            " asked = excluded.asked, warned = excluded.warned, seconds = max(CAST(seconds AS REAL), excluded.seconds)",
            (identity, row.node_type, fingerprints, artifacts, requested, warned, row.seconds),
        )
        number: int = self.execute("SELECT id FROM results WHERE identity = ?", (identity,)).fetchone()[0]
        if with_values:
            self._each(
                "INSERT OR IGNORE INTO uses VALUES (?, ?)", [(number, fingerprint) for fingerprint in row.fingerprints]
            )
            self.execute(
                "UPDATE results SET has_values = 1, bytes = (SELECT coalesce(sum(contents.bytes), 0) FROM uses"
                " JOIN contents USING (mark) WHERE uses.result = results.id) WHERE id = ?", (number,)
            )  # fmt: skip
        self.execute(SET_SCORE, (number,))
        unused: list[Fingerprint] = []
        for key in keys:
            before = self._result_of(key)
            self.execute(
                "INSERT OR REPLACE INTO keys (key, edition, result) VALUES (?, ?, ?)", (key, self._code_version, number)
            )
            if before is not None and before != number:
                unused += self._drop_keyless(before)
        return unused

    def touch(self, key: Key) -> None:
        """Count a use of a result: its score rises, and its key becomes the youngest."""
        number = self._result_of(key)
        if number is not None:
            self.execute("UPDATE results SET hits = hits + 1 WHERE id = ?", (number,))
            self.execute(SET_SCORE, (number,))
            self.execute(
                "UPDATE keys SET number = (SELECT max(number) + 1 FROM keys) WHERE key = ? AND edition = ?",
                (key, self._code_version),
            )

    def make_room(self, max_bytes: int, max_keys: int) -> list[Fingerprint]:
        """Drop the oldest keys, and evict values with the lowest score, until the rest fits; return unused contents."""
        unused: list[Fingerprint] = []
        too_many = self.execute("SELECT count(*) FROM keys").fetchone()[0] - max_keys
        if too_many > 0:
            rows = self.execute("SELECT result FROM keys ORDER BY number LIMIT ?", (too_many,)).fetchall()
            self.execute(
                "DELETE FROM keys WHERE number IN (SELECT number FROM keys ORDER BY number LIMIT ?)", (too_many,)
            )
            for (number,) in dict.fromkeys(rows):
                unused += self._drop_keyless(number)
        records = RECORD_BYTES * float(self.execute("SELECT count(*) FROM results").fetchone()[0])
        if records + self._bytes() <= max_bytes:
            return unused
        while records + self._bytes() > REFILL * max_bytes:
            row = self.execute(LOWEST_SCORE).fetchone()
            if row is None:
                break
            number, score = row
            self.execute(WRITE_AGE, (age_after(self.execute(READ_AGE).fetchone()[0], score),))
            unused += self.drop_values(number)
        return unused

    def drop_values(self, number: int) -> list[Fingerprint]:
        """Evict the values of a result, keeping its record; return the contents that are unused and removed now."""
        fingerprints = [bytes(row[0]) for row in self.execute("SELECT mark FROM uses WHERE result = ?", (number,))]
        self.execute("DELETE FROM uses WHERE result = ?", (number,))
        self.execute("UPDATE results SET has_values = 0 WHERE id = ?", (number,))
        in_use = "SELECT 1 FROM uses WHERE mark = ?"
        unused = [each for each in fingerprints if not self.execute(in_use, (each,)).fetchone()]
        self._each("DELETE FROM contents WHERE mark = ?", [(each,) for each in unused])
        return unused

    def drop_content(self, fingerprint: Fingerprint) -> list[Fingerprint]:
        """Remove a damaged or missing content and the values that used it; return it and the contents unused now."""
        unused = [fingerprint]
        for (number,) in self.execute("SELECT result FROM uses WHERE mark = ?", (fingerprint,)).fetchall():
            unused += self.drop_values(number)
        self.execute("DELETE FROM contents WHERE mark = ?", (fingerprint,))
        return unused

    def add_calls(self, calls: Sequence[tuple[bytes, str]], limit: int) -> None:
        """Add calls, each with a digest that identifies it; only the last ones stay."""
        self._each("INSERT OR REPLACE INTO calls (identity, call) VALUES (?, ?)", calls)
        self.execute(
            "DELETE FROM calls WHERE number <= (SELECT number FROM calls ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (limit,),
        )

    def clear(self) -> None:
        """Remove everything. Key numbers continue, because other processes ask for keys after the last they saw."""
        last = self.execute("SELECT max(number) FROM keys").fetchone()[0] or 0
        self.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'keys'", (last,))
        for table in ("results", "keys", "contents", "uses", "calls"):
            self.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the line above
        self.execute("UPDATE totals SET amount = 0")

    def _result_of(self, key: Key) -> int | None:
        found = self.execute(
            "SELECT result FROM keys WHERE key = ? AND edition = ?", (key, self._code_version)
        ).fetchone()
        return None if found is None else int(found[0])

    def _bytes(self) -> float:
        amount: float = self.execute("SELECT amount FROM totals WHERE name = 'bytes'").fetchone()[0]
        return amount

    def _drop_keyless(self, number: int) -> list[Fingerprint]:
        if self.execute("SELECT 1 FROM keys WHERE result = ?", (number,)).fetchone():
            return []
        unused = self.drop_values(number)
        self.execute("DELETE FROM results WHERE id = ?", (number,))
        return unused

    def _each(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        for row in rows:
            self.execute(statement, row)
