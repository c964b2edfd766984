"""A file has one holder; who comes second waits or is told, and the lock ends with the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graph.base.file_lock import lock

ROOT = Path(__file__).resolve().parents[3]
ANOTHER = """
import sys
sys.path.insert(0, sys.argv[2])
from graph.base.file_lock import lock
with open(sys.argv[1], "ab") as file:
    print(lock(file, wait=False))
"""


def another_process_gets(path: Path) -> bool:
    command = [sys.executable, "-c", ANOTHER, str(path), str(ROOT)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"


@pytest.mark.process
def test_another_process_gets_it_only_after_the_file_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("ab") as file:
        assert lock(file, wait=False)
        assert not another_process_gets(path)
    assert another_process_gets(path)


def test_what_nobody_holds_is_had_without_waiting(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("ab") as file:
        assert lock(file, wait=True)


def test_a_file_that_cannot_be_locked_says_so(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    with (tmp_path / "lock").open("rb") as file:
        assert not lock(file, wait=False), "it is not open for writing"
