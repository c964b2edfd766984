"""The database file: opens and migrates it, sets it aside when it is damaged, and recreates it when it is lost.

- A damaged file is set aside under a name with the date; its readable rows are copied into a new file.
- Before the migration of a file of an earlier version a copy is kept, of the newest `KEPT_COPIES` versions.
- The open file may be moved or deleted with its folder while it is in use, and later writes would be lost. So before
  each commit the open file is compared with the one at its path. If they differ, the file is recreated from the open
  one, which the system keeps while it is open; a file that took its place is set aside. If the parent of the folder is
  gone, too, or on another disk, nothing is created: an unmounted disk may come back.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from graph.files.folders import make_private
from server.storage.set_aside import set_aside

KEPT_COPIES = 3
_LOG = logging.getLogger("jacquard.server")
_SIDES = ("-wal", "-shm")
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_DISK_FAILURES = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_AUTH,
}  # fmt: skip
_DISK_ERRNOS = {errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT, errno.EMFILE, errno.ENFILE}
Connect = Callable[[Path], sqlite3.Connection]


class DatabaseUnusableError(RuntimeError):
    """The file cannot be used; the message says why and what to do."""


class StorageError(sqlite3.OperationalError):
    """Nothing can be written now; the write is retried. `remedy` says what a person can do."""

    def __init__(
        self, message: str, remedy: str = "Look at the disk and its rights; nothing has to be restarted."
    ) -> None:
        super().__init__(message)
        self.remedy = remedy


def is_disk_failure(error: BaseException) -> bool:
    """Whether the disk failed; it may recover later."""
    if isinstance(error, OSError):
        return error.errno in _DISK_ERRNOS
    return isinstance(error, StorageError) or (isinstance(error, sqlite3.Error) and _code(error) in _DISK_FAILURES)


def is_corrupt(error: BaseException) -> bool:
    """Whether the file is damaged."""
    return isinstance(error, sqlite3.Error) and _code(error) in _CORRUPT


def is_locked(error: BaseException) -> bool:
    """Whether another program has locked the database."""
    return isinstance(error, sqlite3.Error) and _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def connect(path: Path) -> sqlite3.Connection:
    """Opens a connection without implicit transactions, for one thread at a time."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


@dataclass(slots=True)
class DatabaseFile:
    """One database file; `open` sets `connection`. Not thread-safe."""

    path: Path
    schema: str
    version: int
    steps: Mapping[int, str] = field(default_factory=dict)
    connect: Connect = connect
    reclaim_folder: Callable[[], None] = lambda: None
    """Locks the folder again after it was recreated. Raises `OSError` and `RuntimeError`."""
    lost: str = ""
    """Describes in a sentence what was lost when the file was opened."""
    was_damaged: bool = False
    connection: sqlite3.Connection = field(init=False)
    is_open: bool = False
    _identity: tuple[int, int] | None = None
    _device: int | None = None

    def open(self) -> None:
        """Opens the file; creates or replaces it if needed. Raises `DatabaseUnusableError`."""
        make_private(self.path.parent)
        try:
            if _is_unusable_path(self.path):
                self._start_over("it is no file with anything in it")
            else:
                self.connection = self._open()
        except (sqlite3.Error, OSError) as error:
            if not is_corrupt(error):
                raise self._unusable(error) from error
            try:
                self._start_over(str(error))
            except (sqlite3.Error, OSError) as another:
                raise self._unusable(another) from another
        self._remember()

    def close(self) -> None:
        """Closes the file."""
        self.is_open = False
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()

    def usable_connection(self) -> sqlite3.Connection:
        """Returns the connection; opens the file again if it is closed. Raises `StorageError`."""
        if not self.is_open:
            try:
                self.open()
            except DatabaseUnusableError as error:
                raise StorageError(str(error)) from error
        return self.connection

    @property
    def is_in_place(self) -> bool:
        """Whether the open file is the one at its path."""
        return self._identity is None or _identity(self.path) == self._identity

    def recreate(self) -> None:
        """Writes the content of the open file to its path again. Raises `StorageError`."""
        folder = self.path.parent
        around = _identity(folder.parent)
        if around is None or around[0] != self._device:
            raise StorageError(
                "the folder of the database is gone, with the folder around it",
                "Bring the folder, or its disk, back; then it goes on by itself.",
            )
        try:
            folder.mkdir(exist_ok=True, mode=0o700)
            self.reclaim_folder()
            for path in (self.path, *(Path(f"{self.path}{side}") for side in _SIDES)):
                if path.exists():
                    set_aside(path, "replaced")
            temporary = self.path.with_name(f".{self.path.name}.part")
            temporary.unlink(missing_ok=True)
            with contextlib.closing(sqlite3.connect(temporary, isolation_level=None)) as copy:
                self.connection.backup(copy)
            temporary.rename(self.path)
            held = self.connection
            self.connection = self._open()
            held.close()
        except (OSError, sqlite3.Error, RuntimeError) as error:
            raise StorageError(f"the folder of the database is gone, and cannot be made again: {error}") from error
        self._remember()
        _LOG.warning("the data folder was moved or deleted while it was in use; the database is made again there")

    def replace_damaged(self, error: Exception) -> None:
        """Replaces a damaged file while it is in use. Raises `sqlite3.Error` and `OSError`."""
        self.close()
        self._start_over(str(error))
        self._remember()

    def _open(self) -> sqlite3.Connection:
        connection = self.connect(self.path)
        try:
            connection.row_factory = sqlite3.Row
            connection.text_factory = lambda data: str(data, "utf-8", "replace")
            for line in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
                connection.execute(f"PRAGMA {line}")
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found > self.version:
                raise DatabaseUnusableError(f"{self.path} was written by a newer version of Jacquard. Update this one.")
            if found and found < self.version:
                self._keep_copy(connection, found)
            for step in range(found + 1, self.version + 1) if found else ():
                connection.executescript(f"BEGIN; {self.steps[step]} PRAGMA user_version = {step}; COMMIT;")
            if found != self.version or not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                connection.executescript(self.schema)
        except BaseException:
            connection.close()
            raise
        return connection

    def _keep_copy(self, connection: sqlite3.Connection, version: int) -> None:
        """Keeps a copy of a file of an earlier version, atomically."""
        stem = f"{self.path.name}.version-"
        kept = self.path.with_name(f"{stem}{version}")
        temporary = kept.with_name(f".{kept.name}.part")
        temporary.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(temporary)) as copy:
            connection.backup(copy)
        temporary.replace(kept)
        copies = [item for item in self.path.parent.glob(f"{stem}*") if item.name.removeprefix(stem).isdigit()]
        for old in sorted(copies, key=lambda item: int(item.name.removeprefix(stem)))[:-KEPT_COPIES]:
            old.unlink(missing_ok=True)

    def _start_over(self, why: str) -> None:
        aside = set_aside(self.path)
        for side in _SIDES:
            temporary = Path(f"{self.path}{side}")
            if temporary.exists():
                temporary.rename(f"{aside}{side}")
        self.connection = self._open()
        from server.storage.salvage import salvage  # of no use at the start of a server whose database is whole

        kept = {table: count for table, count in salvage(aside, self.connection).items() if count}
        words = ", ".join(f"{count} of the table {table}" for table, count in kept.items())
        self.was_damaged = True
        self.lost = (
            f"The database was damaged ({why}) and is set aside as {aside.name}. "
            + (
                f"Entries that could be kept: {words}; the others are lost. "
                if kept
                else "Its queue and history are lost. "
            )
            + "Pictures are still there, and those of the output folder are being listed again."
        )

    def _unusable(self, error: Exception) -> DatabaseUnusableError:
        return DatabaseUnusableError(
            f"The database {self.path} cannot be used: {error}. Look at the disk and its rights."
        )

    def _remember(self) -> None:
        self.is_open = True
        self._identity = _identity(self.path)
        around = _identity(self.path.parent.parent)
        self._device = around[0] if around else None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - called before each commit
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_unusable_path(path: Path) -> bool:
    return path.is_dir() or (path.is_file() and path.stat().st_size == 0)


def _code(error: BaseException) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
