"""The map of the engine names every wing, and speaks of files that are there."""

import re
from collections import Counter
from pathlib import Path

GRAPH = Path(__file__).resolve().parents[2] / "graph"


def test_each_wing_of_the_engine_is_in_the_table_of_its_map_once() -> None:
    text = (GRAPH / "README.md").read_text(encoding="utf-8")
    table = Counter(re.findall(r"^\| `(\w+)/`", text, re.MULTILINE))
    assert table == Counter(path.parent.name for path in GRAPH.glob("*/__init__.py"))


def test_the_story_speaks_of_rooms_that_are_there() -> None:
    text = (GRAPH / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/]+\.py)`", text)) - {"__init__.py"}
    assert {name for name in named if not ((GRAPH / name).is_file() or (GRAPH.parent / name).is_file())} == set()
