"""What is removed at the start: old temporary pictures, and what killed processes left unfinished. Nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.storage.temp_cleanup import KEPT_SECONDS, LEFT_SECONDS, tidy_left_overs, tidy_temporary
from server.storage.uploads import PREFIX

NOW = 10_000_000.0
NOBODY = 2**22 + 1
"""No process has this number: it is above the largest that Linux gives."""


def test_old_temporary_pictures_are_removed_and_nothing_else(tmp_path: Path) -> None:
    temp, outside = tmp_path / "temp", tmp_path / "outside"
    for folder in (temp / "sub", outside):
        folder.mkdir(parents=True)
    for file in (temp / "old.png", temp / "sub" / "old.png", outside / "old.png"):
        file.touch()
        os.utime(file, (0, 0))
    (temp / "new.png").touch()
    (temp / "link").symlink_to(outside)
    (temp / "file").symlink_to(outside / "old.png")
    assert tidy_temporary(temp) == 2
    assert sorted(item.name for item in temp.rglob("*")) == ["file", "link", "new.png", "sub"]
    assert (outside / "old.png").exists()
    assert tidy_temporary(tmp_path / "none") == 0


def aged(path: Path, seconds: float) -> Path:
    path.touch()
    os.utime(path, (NOW - seconds, NOW - seconds))
    return path


def test_a_temporary_picture_is_kept_for_a_week(tmp_path: Path) -> None:
    aged(tmp_path / "older.png", KEPT_SECONDS + 1)
    aged(tmp_path / "younger.png", KEPT_SECONDS - 1)
    assert tidy_temporary(tmp_path, NOW) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["younger.png"]


@pytest.mark.skipif(os.name != "posix", reason="asking for a process would end it")
@pytest.mark.parametrize(
    ("name", "age", "is_removed"),
    [
        (f"{PREFIX}{NOBODY}-abcd1234.part", 1, True),
        (f"{PREFIX}OWN-abcd1234.part", 1, False),
        (f"{PREFIX}OWN-abcd1234.part", LEFT_SECONDS + 1, True),
        (".abcd1234.part", 1, False),
        (".abcd1234.part", LEFT_SECONDS + 1, True),
        ("picture.part", LEFT_SECONDS + 1, False),
        ("abcd1234.part", LEFT_SECONDS + 1, False),
        (".abcd1234.png", LEFT_SECONDS + 1, False),
    ],
)
def test_unfinished_files_go_with_their_process_or_after_a_day(
    tmp_path: Path, name: str, age: float, is_removed: bool
) -> None:
    (tmp_path / "sub").mkdir()
    path = aged(tmp_path / "sub" / name.replace("OWN", str(os.getpid())), age)
    assert tidy_left_overs([tmp_path, tmp_path / "gone"], NOW) == is_removed
    assert path.exists() is not is_removed


def test_links_are_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    aged(outside / ".abcd1234.part", LEFT_SECONDS + 1)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "folder").symlink_to(outside)
    (inside / ".efgh5678.part").symlink_to(outside / ".abcd1234.part")
    (tmp_path / "root").symlink_to(outside)
    assert tidy_left_overs([inside, tmp_path / "root"], NOW) == 0
    assert (outside / ".abcd1234.part").exists()
