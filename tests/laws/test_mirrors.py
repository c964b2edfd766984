"""Each room has its test by its name: of `graph/base/errors.py` it is `tests/graph/base/test_errors.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("graph", "server")


def rooms(top: str) -> list[Path]:
    return [path.relative_to(ROOT) for path in sorted((ROOT / top).rglob("*.py")) if path.stem != "__init__"]


def mirror_of(room: Path) -> Path:
    """Where the test of a room lies."""
    return ROOT / "tests" / room.parent / f"test_{room.stem}.py"


@pytest.mark.parametrize("top", FLOORS)
def test_each_room_has_its_test(top: str) -> None:
    assert [room.as_posix() for room in rooms(top) if not mirror_of(room).is_file()] == []


@pytest.mark.parametrize("top", FLOORS)
def test_each_folder_of_tests_is_that_of_a_wing(top: str) -> None:
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests" / top).rglob("test_*.py")}
    assert [folder.as_posix() for folder in sorted(folders) if not (ROOT / folder).is_dir()] == []
