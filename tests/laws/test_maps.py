"""The map of the engine names every room, and no other."""

import re
from collections import Counter
from pathlib import Path

GRAPH = Path(__file__).resolve().parents[2] / "graph"


def test_each_room_of_the_engine_is_in_the_table_of_its_map_once() -> None:
    text = (GRAPH / "README.md").read_text(encoding="utf-8")
    table = Counter(re.findall(r"`(\w+\.py)`", text[text.index("## Where things are") :]))
    assert {name: count for name, count in table.items() if count > 1} == {}
    assert {*table, "api.py", "__init__.py"} == {path.name for path in GRAPH.glob("*.py")}


def test_the_story_speaks_of_rooms_that_are_there() -> None:
    text = (GRAPH / "README.md").read_text(encoding="utf-8")
    assert {name for name in re.findall(r"`(\w+\.py)`", text) if not (GRAPH / name).is_file()} == set()
