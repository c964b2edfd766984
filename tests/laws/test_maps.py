"""The maps of the engine and the server name every wing, and speak of files that are there."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAPS = ("graph", "server")


@pytest.mark.parametrize("house", MAPS)
def test_each_wing_is_in_the_table_of_its_map_once(house: str) -> None:
    text = (ROOT / house / "README.md").read_text(encoding="utf-8")
    table = Counter(re.findall(r"^\| `(\w+)/`", text, re.MULTILINE))
    assert table == Counter(path.parent.name for path in (ROOT / house).glob("*/__init__.py"))


@pytest.mark.parametrize("house", MAPS)
def test_the_story_speaks_of_rooms_that_are_there(house: str) -> None:
    text = (ROOT / house / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/]+\.py)`", text)) - {"__init__.py"}
    assert {name for name in named if not ((ROOT / house / name).is_file() or (ROOT / name).is_file())} == set()
