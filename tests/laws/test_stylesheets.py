"""A class of the editor belongs to one component: two that take one name dress each other."""

import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STYLED = re.compile(r"^\.([\w-]+)(?: \{|,)", re.MULTILINE)


def test_a_class_has_its_looks_in_one_stylesheet():
    places = defaultdict(set)
    for sheet in sorted((ROOT / "web" / "src").rglob("*.css")):
        for name in STYLED.findall(sheet.read_text("utf-8")):
            places[name].add(sheet.name)
    assert len(places) > 100
    assert {name: sorted(sheets) for name, sheets in places.items() if len(sheets) > 1} == {}
