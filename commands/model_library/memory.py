"""What was found out about files, by their identity, in a small database. It may be deleted at any time.

One that is damaged is thrown away and made anew; where none can be kept (a full disk, a share without locks), things
are found out again. Nothing here raises because of the disk.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from graph.files.folders import make_private

MOST_FACTS = 300_000
"""Facts beyond that go, those first that were found out first."""
_VERSION = 1
_AT_ONCE = 500
_WAIT_SECONDS = 2.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (
    number INTEGER PRIMARY KEY, topic TEXT NOT NULL, key BLOB NOT NULL, text TEXT NOT NULL, UNIQUE (topic, key)
)
"""
Found = TypeVar("Found")


class Memory:
    """Texts by topic and key. Safe from any thread, and with other processes on the same file."""

    def __init__(self, path: Path, most: int = MOST_FACTS) -> None:
        self._path = path
        self._most = most
        self._open: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def recall(self, topic: str, keys: Sequence[bytes]) -> dict[bytes, str]:
        """Returns the texts that are known of some keys."""
        found: dict[bytes, str] = {}
        if not self._path.exists():
            return found
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, text FROM facts WHERE topic = ? AND key IN ({marks})"  # noqa: S608 - marks only
            rows = self._do(lambda db, query=query, some=some: db.execute(query, (topic, *some)).fetchall(), [])  # type: ignore[misc]
            found.update(rows)
        return found

    def keep(self, topic: str, texts: Mapping[bytes, str]) -> None:
        """Keeps texts under their keys."""

        def write(db: sqlite3.Connection) -> None:
            rows = [(topic, key, text) for key, text in texts.items()]
            db.executemany("INSERT OR REPLACE INTO facts (topic, key, text) VALUES (?, ?, ?)", rows)
            (last,) = db.execute("SELECT COALESCE(MAX(number), 0) FROM facts").fetchone()
            db.execute("DELETE FROM facts WHERE number <= ?", (last - self._most,))

        self._do(write, None)

    def forget_like(self, topics: str, but: str) -> None:
        """Forgets the topics that begin so, but for one."""
        if self._path.exists():
            self._do(
                lambda db: db.execute("DELETE FROM facts WHERE topic GLOB ? AND topic != ?", (f"{topics}*", but)), None
            )

    def close(self) -> None:
        """Closes the database; another use opens it again."""
        with self._lock:
            self._close()

    def _do(self, work: Callable[[sqlite3.Connection], Found], instead: Found) -> Found:
        """Returns what some work on the database gives; `instead` where that fails."""
        with self._lock:
            try:
                connection = self._connection()
                with connection:
                    return work(connection)
            except sqlite3.OperationalError:  # locked by another process for long, no space, no right to write
                self._close()
            except (sqlite3.DatabaseError, _OtherVersionError):
                self._close()
                self._throw_away()
            except OSError:
                self._close()
        return instead

    def _connection(self) -> sqlite3.Connection:
        if self._open is None or not self._path.exists():  # it may be deleted at any time
            self._close()
            make_private(self._path.parent)
            opened = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, check_same_thread=False)
            self._open = opened
            (version,) = opened.execute("PRAGMA user_version").fetchone()
            if version not in (0, _VERSION):
                raise _OtherVersionError
            opened.execute("PRAGMA synchronous = OFF")  # a power cut costs this file, and nothing else
            opened.execute(_SCHEMA)
            opened.execute(f"PRAGMA user_version = {_VERSION}")
        return self._open

    def _close(self) -> None:
        if self._open is not None:
            with contextlib.suppress(sqlite3.Error):
                self._open.close()
            self._open = None

    def _throw_away(self) -> None:
        for path in (self._path, Path(f"{self._path}-journal"), Path(f"{self._path}-wal"), Path(f"{self._path}-shm")):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


class _OtherVersionError(Exception):
    """The database was written by another version."""
