"""What goes wrong with a disk is answered with the kind of the folder, the reason and a remedy, never with a path."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from graph.files.folders import Files
from server.settings import Settings
from server.storage.disk_errors import folder_kind, storage_trouble

HOME = Path("/home/somebody")
SETTINGS = Settings(data=HOME / "data", files=Files({"output": [HOME / "output"]}), worker_command=(), token="")


def full(path: object) -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (HOME / "output" / "sub" / "a.png", "output"),
        (str(HOME / "output" / "a.png"), "output"),
        (os.fsencode(HOME / "data" / "token"), "data"),
        (HOME / "elsewhere", ""),
        (7, ""),
        (None, ""),
    ],
)
def test_a_path_is_told_by_the_kind_of_its_folder(path: object, kind: str) -> None:
    assert folder_kind(path, SETTINGS) == kind


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (full(str(HOME / "output" / "a.png")), "The output folder could not be read or written: No space left"),
        (full(str(HOME / "secret")), "A file could not be read or written: No space left"),
        (OSError(), "A file could not be read or written: OSError"),
        (sqlite3.OperationalError("disk I/O error"), "The database could not be read or written: disk I/O error"),
    ],
)
def test_the_answer_names_folder_and_reason(error: sqlite3.Error | OSError, message: str) -> None:
    answer = storage_trouble(error, SETTINGS)
    assert (answer.status, answer.code) == (507, "storage")
    assert answer.message.startswith(message)
    assert "somebody" not in answer.message + answer.remedy
    assert answer.remedy


def test_a_database_that_another_program_holds_has_its_own_remedy() -> None:
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert "Another program holds it" in storage_trouble(locked, SETTINGS).remedy


def test_a_remedy_that_the_error_brings_counts() -> None:
    error = full(None)
    error.remedy = "Give it another name."  # type: ignore[attr-defined]
    assert storage_trouble(error, SETTINGS).remedy == "Give it another name."
