"""The editor's folders lie on floors, and imports go down.

Reads the sources of `web/src` with regular expressions, so that it runs without Node.js. Imports for types count like
others, and so do the imports of tests.
"""

import fnmatch
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import networkx as nx
import pytest

WEB = Path(__file__).resolve().parents[2] / "web"
SRC = WEB / "src"

# From the ground up. A file imports from its own wing and from the wings of lower floors.
FLOORS = (
    ("api",),
    ("storage", "document"),
    ("catalogue",),
    ("subworkflows", "state", "components"),
    ("run", "scene"),
    ("editor",),
    ("actions",),
    ("widgets", "commands"),
    ("canvas", "panels"),
    ("app",),
)
# Stylesheets are imported by whoever needs them; they import nothing.
WITHOUT_CODE = {"theme"}
FLOOR_OF = {wing: number for number, wings in enumerate(FLOORS) for wing in wings}

IMPORT = re.compile(
    r"""^\s*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']  # import { a } from './b', export * from './b'
    |^\s*import\s*["']([^"']+)["']                                 # import './style.css'
    |\bimport\s*\(\s*["']([^"']+)["']                              # import('./Lazy'), also as a type
    """,
    re.MULTILINE | re.VERBOSE,
)


def sources(folder: Path = SRC) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in {".ts", ".tsx"})


def imported(text: str) -> list[str]:
    """What a source imports by a relative address."""
    names = (next(filter(None, found.groups())) for found in IMPORT.finditer(text))
    return [name for name in names if name.startswith(".")]


def target(path: Path, name: str) -> Path:
    """The file that an import leads to."""
    place = (path.parent / name).resolve()
    for candidate in (place, *(Path(f"{place}{ending}") for ending in (".ts", ".tsx"))):
        if candidate.is_file():
            return candidate
    raise AssertionError(f"{path.relative_to(SRC)} imports {name}, which is not there")


def imports(folder: Path = SRC) -> Iterator[tuple[str, str]]:
    """(importer, imported) as paths below `web/src`; nothing else of the house is looked at."""
    for path in sources(folder):
        for name in imported(path.read_text(encoding="utf-8")):
            found = target(path, name)
            if found.is_relative_to(SRC) and found.suffix in {".ts", ".tsx"}:
                yield path.relative_to(SRC).as_posix(), found.relative_to(SRC).as_posix()


def wing_of(path: str) -> str:
    return path.split("/")[0] if "/" in path else ""


def is_upward(importer: str, imported: str, floors: Mapping[str, int]) -> bool:
    if wing_of(importer) == "" or wing_of(importer) == wing_of(imported):
        return False  # `main.tsx` stands on the roof
    return wing_of(imported) == "" or floors[wing_of(imported)] >= floors[wing_of(importer)]


def test_every_folder_has_a_floor() -> None:
    folders = {path.name for path in SRC.iterdir() if path.is_dir()}
    assert folders - WITHOUT_CODE == set(FLOOR_OF)
    assert {path.name for path in sources() if path.parent == SRC} == {"main.tsx"}


def test_imports_go_down() -> None:
    assert [f"{one} imports {other}" for one, other in imports() if is_upward(one, other, FLOOR_OF)] == []


def test_no_files_import_each_other_in_a_circle() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph(imports())
    circles = [sorted(part) for part in nx.strongly_connected_components(graph) if len(part) > 1]
    assert [*circles, *nx.selfloop_edges(graph)] == []


# A variable, a store, or an empty collection to be filled: what would be shared by all editors of a page.
SHARED = re.compile(
    r"""^(?:export[ ])?(?:let[ ]
    |const[ ]\w+(?!:[ ]Readonly)(?::[^=\n]+)?[ ]=[ ](?:create(?!Context)\w*[<(]|new[ ](?:Map|Set)(?:<[^\n]*>)?\(\)))
    """,
    re.MULTILINE | re.VERBOSE,
)


def test_no_module_holds_what_belongs_to_one_editor() -> None:
    found = [
        f"{path.relative_to(SRC).as_posix()}: {line.group().strip()}"
        for path in sources()
        if ".test." not in path.name and path != SRC / "main.tsx"
        for line in SHARED.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line", ["let timer = 0", "export const ui = createStore<Ui>(() => ({", "const seen = new Map<string, A>()"]
)
def test_the_law_sees_what_a_module_would_share(line: str) -> None:
    assert SHARED.search(f"import a from 'a'\n{line}\n")
    assert not SHARED.search(f"function make() {{\n  {line}\n}}\n")


def naming(room: str, table: list[str]) -> list[str]:
    """The lines of a map that stand for a room: the one with its name, else those with a pattern (`*Field.tsx`)."""
    return [line for line in table if line == room] or [line for line in table if fnmatch.fnmatch(room, line)]


@pytest.mark.parametrize("wing", sorted(FLOOR_OF))
def test_the_map_of_a_wing_names_each_room_once_and_no_other(wing: str) -> None:
    text = (SRC / wing / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `([\w./*]+\.tsx?)` ", text, re.MULTILINE)
    rooms = [path.relative_to(SRC / wing).as_posix() for path in sources(SRC / wing) if ".test." not in path.name]
    assert [room for room in table if not fnmatch.filter(rooms, room)] == []
    assert {room: lines for room in rooms if len(lines := naming(room, table)) != 1} == {}


def test_the_floors_in_the_readme_are_those_of_the_law() -> None:
    text = (WEB / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| *(\d+) *\|([^|]*)\|", text, re.MULTILINE)
    told = {wing: int(number) - 1 for number, wings in rows for wing in re.findall(r"`(\w+)/`", wings)}
    assert told == FLOOR_OF


def test_the_law_sees_every_kind_of_import() -> None:
    """An import cannot be hidden from it."""
    text = """
import React from 'react'
import { a } from './a'
import type { B } from '../b'
import {
  c,
  type D,
} from "./c"
import './d.css'
export * from './e'
export { f } from './f'
const lazy = () => import('./g')
type H = import('./h').H
"""
    assert imported(text) == ["./a", "../b", "./c", "./d.css", "./e", "./f", "./g", "./h"]


def test_the_law_knows_up_from_down() -> None:
    floors = {"low": 0, "beside": 1, "high": 1}
    assert is_upward("low/a.ts", "high/b.ts", floors)
    assert is_upward("high/a.ts", "beside/b.ts", floors)
    assert is_upward("high/a.ts", "main.tsx", floors)
    assert not is_upward("high/a.ts", "low/b.ts", floors)
    assert not is_upward("high/a.ts", "high/b.ts", floors)
    assert not is_upward("main.tsx", "high/b.ts", floors)
