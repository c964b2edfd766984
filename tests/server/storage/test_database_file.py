"""The file of the database: migrated with a copy of before, set aside where damaged, made again where lost."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from server.storage.database_file import (
    KEPT_COPIES,
    DatabaseFile,
    DatabaseUnusableError,
    StorageError,
    is_corrupt,
    is_disk_failure,
    is_locked,
)

SCHEMA = "PRAGMA user_version = {}; CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, v TEXT);"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def opened(folder: Path, version: int = 1, **options: Any) -> DatabaseFile:
    file = DatabaseFile(folder / "x.sqlite3", SCHEMA.format(version), version, **options)
    file.open()
    return file


def put(file: DatabaseFile, *values: str) -> None:
    file.connection.executemany("INSERT INTO t (v) VALUES (?)", [(value,) for value in values])


def values(file: DatabaseFile) -> list[str]:
    return [row[0] for row in file.connection.execute("SELECT v FROM t ORDER BY n")]


def test_what_was_written_is_there_again(folder: Path) -> None:
    file = opened(folder)
    put(file, "a", "b")
    file.close()
    again = opened(folder)
    assert values(again) == ["a", "b"]
    assert (again.lost, again.was_damaged) == ("", False)
    again.close()


def test_a_newer_version_is_refused_and_left_alone(folder: Path) -> None:
    opened(folder, 3).close()
    before = (folder / "x.sqlite3").read_bytes()
    with pytest.raises(DatabaseUnusableError, match="newer version"):
        opened(folder, 2)
    assert (folder / "x.sqlite3").read_bytes()[:1000] == before[:1000]


def test_an_older_version_is_taken_over_step_by_step_and_a_copy_of_it_kept(folder: Path) -> None:
    file = opened(folder, 1)
    put(file, "a")
    file.close()
    steps = {2: "UPDATE t SET v = v || '2';", 3: "UPDATE t SET v = v || '3';"}
    again = opened(folder, 3, steps=steps)
    assert values(again) == ["a23"]
    again.close()
    with sqlite3.connect(folder / "x.sqlite3.version-1") as copy:
        assert copy.execute("SELECT v FROM t").fetchall() == [("a",)]
    copy.close()


def test_of_many_copies_the_newest_are_kept(folder: Path) -> None:
    for version in range(1, KEPT_COPIES + 3):
        opened(folder, version, steps={version: ""}).close()
    kept = sorted(path.name for path in folder.glob("x.sqlite3.version-*"))
    assert kept == [f"x.sqlite3.version-{version}" for version in range(2, KEPT_COPIES + 2)]


@pytest.mark.parametrize("damage", [b"", b"no database" * 1_000])
def test_a_file_that_is_none_is_set_aside_and_told(folder: Path, damage: bytes) -> None:
    folder.mkdir()
    (folder / "x.sqlite3").write_bytes(damage)
    file = opened(folder)
    assert file.was_damaged
    assert "set aside as x.sqlite3.damaged-" in file.lost
    (aside,) = folder.glob("x.sqlite3.damaged-*")
    assert aside.read_bytes() == damage
    put(file, "a")
    file.close()


def test_a_file_that_was_deleted_while_it_is_open_is_made_again_from_what_is_open(folder: Path) -> None:
    file = opened(folder)
    put(file, "a")
    assert file.is_in_place
    shutil.rmtree(folder)
    assert not file.is_in_place
    file.recreate()
    assert file.is_in_place
    assert values(file) == ["a"]
    file.close()


def test_another_file_in_its_place_is_set_aside(folder: Path) -> None:
    file = opened(folder)
    put(file, "a")
    (folder / "x.sqlite3").unlink()
    (folder / "x.sqlite3").write_text("another")
    file.recreate()
    assert values(file) == ["a"]
    assert [path.read_text() for path in folder.glob("x.sqlite3.replaced-*")] == ["another"]
    file.close()


def test_nothing_is_made_where_the_folder_around_is_gone_too(tmp_path: Path) -> None:
    file = opened(tmp_path / "disk" / "data")
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    with pytest.raises(StorageError, match="gone") as caught:
        file.recreate()
    assert "back" in caught.value.remedy
    assert not (tmp_path / "disk").exists()
    file.close()


def error_of(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "failure", "corrupt", "locked"),
    [
        (error_of(sqlite3.SQLITE_FULL), True, False, False),
        (error_of(sqlite3.SQLITE_IOERR | 1 << 8), True, False, False),
        (error_of(sqlite3.SQLITE_BUSY), True, False, True),
        (error_of(sqlite3.SQLITE_LOCKED), True, False, True),
        (error_of(sqlite3.SQLITE_CORRUPT), False, True, False),
        (error_of(sqlite3.SQLITE_NOTADB), False, True, False),
        (error_of(sqlite3.SQLITE_CONSTRAINT), False, False, False),
        (StorageError("gone"), True, False, False),
        (OSError(errno.ENOSPC, "full"), True, False, False),
        (OSError(errno.ENOENT, "gone"), False, False, False),
        (ValueError("x"), False, False, False),
    ],
)
def test_errors_are_told_apart(error: Exception, failure: bool, corrupt: bool, locked: bool) -> None:
    assert (is_disk_failure(error), is_corrupt(error), is_locked(error)) == (failure, corrupt, locked)
