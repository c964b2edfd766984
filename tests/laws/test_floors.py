"""The engine and the server are built in floors: a wing imports wings below it and its own rooms, never one above.

An import for types only counts, and so does one inside of a function. Every wing tells what lives there, and its map
names every room.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

from tests.support.sources import imports_in

ROOT = Path(__file__).resolve().parents[2]

FLOORS = {
    "graph": [
        ["graph.base"],
        ["graph.document"],
        ["graph.files"],
        ["graph.node_types"],
        ["graph.packs", "graph.results", "graph.subworkflows", "graph.scheduling"],
        ["graph.building"],
        ["graph.caching.disk"],
        ["graph.caching"],
        ["graph.planning"],
        ["graph.running"],
        ["graph.engine", "graph.api"],
        ["graph.scripting"],
    ],
    "server": [
        ["server.shapes", "server.limits", "server.signals"],
        ["server.answers"],
        ["server.errors"],
        ["server.settings", "server.hub"],
        ["server.requests", "server.workers"],
        ["server.storage"],
        ["server.runs"],
        ["server.services"],
        ["server.access"],
        ["server.http"],
        ["server.http.routes"],
        ["server.application"],
    ],
}
"""From the ground up. Places on one floor do not import each other."""
AT_MOST_LINES = 320
AT_MOST_FILES = 12
CODE = ("graph", "server", "diffusion", "pictures", "nodes", "commands")


def modules(top: str) -> dict[str, Path]:
    """Every module below a folder by its dotted name; a package by the name of its folder."""
    found = {}
    for path in sorted((ROOT / top).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path: Path, known: dict[str, Path]) -> Iterator[tuple[str, int]]:
    """The modules among `known` that a source file imports, anywhere in it, with the lines."""
    for statement in imports_in(path):
        if isinstance(statement, ast.Import):
            yield from ((alias.name, statement.lineno) for alias in statement.names if alias.name in known)
        elif statement.module and not statement.level:
            for alias in statement.names:
                full = f"{statement.module}.{alias.name}"
                name = full if full in known else statement.module
                if name in known:
                    yield name, statement.lineno


def place_of(module: str, floors: list[list[str]]) -> tuple[int, str] | None:
    """The floor of a module and the place there that it lies in: the innermost of those that are named."""
    fitting = [
        (number, place)
        for number, floor in enumerate(floors)
        for place in floor
        if module == place or module.startswith(place + ".")
    ]
    return max(fitting, key=lambda found: len(found[1]), default=None)


@pytest.mark.parametrize("top", FLOORS)
def test_imports_go_down_only(top: str) -> None:
    known, floors, wrong = modules(top), FLOORS[top], []
    for module, path in known.items():
        here = place_of(module, floors)
        for name, line in imported(path, known):
            there = place_of(name, floors)
            if here is not None and there is not None and here[1] != there[1] and there[0] >= here[0]:
                wrong.append(f"{path.relative_to(ROOT).as_posix()}:{line} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("top", FLOORS)
def test_every_module_has_its_floor_and_every_place_of_the_list_is_there(top: str) -> None:
    known, places = modules(top), {place for floor in FLOORS[top] for place in floor}
    assert {name for name in known if name != top and place_of(name, FLOORS[top]) is None} == set()
    assert places - set(known) == set()


@pytest.mark.parametrize("top", CODE)
def test_no_modules_import_each_other_in_a_circle(top: str) -> None:
    known = modules(top)
    arrows = nx.DiGraph()
    arrows.add_edges_from(
        (module, name) for module, path in known.items() for name, _ in imported(path, known) if name != module
    )
    assert [sorted(circle) for circle in nx.strongly_connected_components(arrows) if len(circle) > 1] == []


@pytest.mark.parametrize("top", FLOORS)
def test_few_files_lie_outside_of_wings(top: str) -> None:
    assert len(list((ROOT / top).glob("*.py"))) <= AT_MOST_FILES


@pytest.mark.parametrize("top", CODE)
def test_no_file_is_too_long_to_be_read_at_once(top: str) -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules(top).items()}
    assert {name: length for name, length in lengths.items() if length > AT_MOST_LINES} == {}


@pytest.mark.parametrize("wing", sorted({place for top in FLOORS for floor in FLOORS[top] for place in floor}))
def test_a_wing_says_what_lives_there_what_does_not_and_which_rooms_it_has(wing: str) -> None:
    folder = ROOT / wing.replace(".", "/")
    if not folder.is_dir():
        return
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    sign = ast.get_docstring(tree) or ""
    assert len(tree.body) == 1, "the sign of a wing exports nothing"
    rooms = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert set(re.findall(r"^- `(\w+)`: ", sign, re.MULTILINE)) == rooms
