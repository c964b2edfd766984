"""Which modules a source names: however it is written, and none that only looks like it."""

from __future__ import annotations

import pytest

from graph.packs.import_scan import ImportedModule, named_modules

CASES: dict[str, set[tuple[str, int]]] = {
    "import a": {("a", 0)},
    "import a.b as c, d": {("a.b", 0), ("d", 0)},
    "from a import b": {("a", 0), ("a.b", 0)},
    "from a import (\n    b,  # the first\n    c as d,\n)": {("a", 0), ("a.b", 0), ("a.c", 0)},
    "from . import b": {("b", 1)},
    "from .shapes import circle": {("shapes", 1), ("shapes.circle", 1)},
    "from ...far import thing": {("far", 3), ("far.thing", 3)},
    "def late():\n    import a": {("a", 0)},
    "x = 1; import a": {("a", 0)},
    "if x: import a": {("a", 0)},
    "import a, \\\n    b": {("a", 0), ("b", 0)},
    "import_module('a.b')": {("a.b", 0)},
    'importlib.import_module("a")': {("a", 0)},
    "__import__('a')": {("a", 0)},
    "import a  # import b": {("a", 0)},
    "important = 1": set(),
    "reimport a": set(),
    "x = 'no import'": set(),
    "": set(),
}


@pytest.mark.parametrize("text", CASES)
def test_the_modules_of_a_source(text: str) -> None:
    assert named_modules(text) == {ImportedModule(module, level) for module, level in CASES[text]}
