"""What Python and TypeScript both must know is held together by files of cases: each is read on both sides.

A file that only one side reads says nothing about the other, and one that its map does not name is not found.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"
FILES = sorted(CASES.glob("*.json"))
WEB = ROOT / "web" / "src"

# What the objects of each file may say; those in lists, by the name of the list. A misspelled word would check nothing.
KEYS = {
    "instance-types": {"cases": "name of inputs outputs subworkflows"},
    "node-states": {"": "name steps", "steps": "events states shows"},
    "picture-records": {"": "name base64 record"},
    "socket-fits": {
        "pairs": "into plain converted",
        "shapes": "from into refused stream",
        "cases": "name from into refused converts stream",
    },
    "type-flow": {"cases": "name nodes subworkflows carries refused hands_on"},
    "typed-numbers": {"cases": "field typed value refused note"},
    "workflow-files": {"": "name text base64 times code line column same is"},
}


def readers(folder: Path, pattern: str, stem: str) -> list[str]:
    named = re.compile(rf"""["'/]{re.escape(stem)}(\.json)?["']""")
    return [
        path.relative_to(ROOT).as_posix()
        for path in sorted(folder.rglob(pattern))
        if named.search(path.read_text(encoding="utf-8")) and path != Path(__file__)
    ]


def test_nothing_but_cases_and_their_map_lies_there() -> None:
    assert {path.name for path in CASES.iterdir()} == {"README.md", *(path.name for path in FILES)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_of_cases_is_read_by_a_pytest_and_by_a_vitest(file: Path) -> None:
    assert readers(ROOT / "tests", "test_*.py", file.stem), "no pytest reads it"
    assert [*readers(WEB, "*.test.ts", file.stem), *readers(WEB, "*.test.tsx", file.stem)], "no vitest reads it"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_map_names_a_file_of_cases(file: Path) -> None:
    assert f"| `{file.name}` |" in (CASES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_cases_are_told_apart_by_their_names(file: Path) -> None:
    found = json.loads(file.read_text(encoding="utf-8"))
    lists = [found] if isinstance(found, list) else [each for each in found.values() if isinstance(each, list)]
    for cases in lists:
        names = [case["name"] for case in cases if isinstance(case, dict) and "name" in case]
        assert len(names) == len(set(names))
        assert len(names) in (0, len(cases)), "all of them have a name, or none"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_cases_say_only_what_is_read(file: Path) -> None:
    found = json.loads(file.read_text(encoding="utf-8"))
    lists = (
        {"": found} if isinstance(found, list) else {key: each for key, each in found.items() if key in KEYS[file.stem]}
    )
    if "steps" in KEYS[file.stem]:
        lists["steps"] = [step for case in lists[""] for step in case["steps"]]
    assert lists.keys() == KEYS[file.stem].keys()
    for name, cases in lists.items():
        known = set(KEYS[file.stem][name].split())
        assert [case for case in cases if not case.keys() <= known] == []
        assert known <= {key for case in cases for key in case}, "nothing says some of it"
