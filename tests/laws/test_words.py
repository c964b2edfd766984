"""Names are the field's words: the words of `RETIRED` name no module, class, function or attribute.

Reads the sources of `graph/`, `server/` and `web/src/`. Prose, SQL, local variables and marks of pytest do not count.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sources import nodes_of

ROOT = Path(__file__).resolve().parents[2]

RETIRED = {
    "arrival": "call inputs",
    "blame": "suspects, or the cause",
    "book": "queue order, or log",
    "crew": "what a part needs, as arguments",
    "dear": "expensive",
    "desk": "dispatcher",
    "doomed": "unrunnable",
    "doubt": "unknown_because",
    "doubted": "unknown",
    "edition": "code version",
    "entrance": "sub-workflow input",
    "entrances": "sub-workflow inputs",
    "exits": "sub-workflow outputs",
    "flight": "single flight",
    "flights": "single flight",
    "footing": "dependencies",
    "foresight": "prefetch",
    "hands": "what a part needs, as arguments",
    "hear": "receive",
    "leaving": "endings",
    "pump": "stream runner",
    "said": "text, or message",
    "say": "send, or report",
    "tally": "item progress",
    "tallies": "item progress",
    "tell": "publish, report, or log",
    "tells": "publishes, reports, or logs",
    "told": "published, reported, or logged",
    "unfold": "inline",
    "unfolded": "inlined",
    "unfolding": "inlining",
    "vet": "validate",
    "worth": "eviction score",
}
"""Word -> what to say instead."""

RETIRED_IN_THE_ENGINE = {
    "account": "run log",
    "cell": "call task",
    "cells": "call tasks",
    "ground": "dependency scanner",
    "grounds": "dependency scanners",
    "loose": "unkeyed",
    "mark": "fingerprint",
    "marks": "fingerprints",
    "turns": "ordered effects",
}
"""These have a plain meaning elsewhere: a cell of a grid, a mark on a ruler, the turns of a loop."""

NAMES_OF_OTHERS = {
    "hands_on": "a keyword of @node, and a key of the catalogue",
    "handsOn": "the same in the editor",
    "SingleFlight": "the usual name of this pattern",
    "single_flight": "the usual name of this pattern",
}
"""Names with a retired word that stay, and why."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_QUIET = re.compile(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`", re.DOTALL)
_DECLARED = re.compile(
    r"\b(?:function\*?|class|interface|type|enum)\s+(\w+)|^(?:export\s+)?(?:const|let)\s+(\w+)", re.MULTILINE
)
_MODIFIERS = r"(?:readonly|public|private|protected|static|async|get|set)"
_MEMBER = re.compile(
    rf"""^\s+(?:{_MODIFIERS}\s+)*\#?(\w+)[?!]?:\s           # a property of a type, a class or an object
    |^\s+(?:{_MODIFIERS}\s+)*\#?(\w+)(?:<[^>\n]*>)?\([^\n]*\{{$  # a method
    |^\s+(?:{_MODIFIERS}\s+)+\#?(\w+)\s*=                  # a field with a value
    """,
    re.MULTILINE | re.VERBOSE,
)


def words(name: str) -> list[str]:
    """`lookForMarks`, `look_for_marks` -> look, for, marks."""
    return [word.lower() for word in _WORD.findall(name)]


def names_in_python(path: Path) -> Iterator[tuple[str, int]]:
    """The names of a module and of the classes, functions, attributes and constants that it defines."""
    yield path.stem, 1
    for node in nodes_of(path):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        if isinstance(node, ast.ClassDef | ast.Module):
            for statement in node.body:
                targets = (
                    statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
                )
                yield from ((each.id, each.lineno) for each in targets if isinstance(each, ast.Name))


def names_in_typescript(path: Path) -> Iterator[tuple[str, int]]:
    """The names of a module and of what it declares, as far as a simple scan sees them; no comments and no texts."""
    yield path.name.split(".")[0], 1
    text = _QUIET.sub(lambda found: "\n" * found[0].count("\n") or "''", path.read_text(encoding="utf-8"))
    for pattern in (_DECLARED, _MEMBER):
        for found in pattern.finditer(text):
            name = next(filter(None, found.groups()))
            yield name, text.count("\n", 0, found.end()) + 1


def sources(folder: str) -> list[Path]:
    place = ROOT / folder
    if folder == "web/src":
        return sorted(path for path in place.rglob("*") if path.suffix in {".ts", ".tsx"})
    return sorted(place.rglob("*.py"))


def retired_names(path: Path) -> list[str]:
    names = names_in_python(path) if path.suffix == ".py" else names_in_typescript(path)
    shown = path.relative_to(ROOT).as_posix()
    retired = RETIRED | RETIRED_IN_THE_ENGINE if shown.startswith("graph/") else RETIRED
    return [
        f"{shown}:{line}: {name}: write {retired[word]} instead of {word}"
        for name, line in dict.fromkeys(names)
        if name.strip("_") not in NAMES_OF_OTHERS
        for word in words(name)
        if word in retired
    ]


@pytest.mark.parametrize("folder", ["graph", "server", "web/src"])
def test_names_are_words_of_the_field(folder: str) -> None:
    assert [found for path in sources(folder) for found in retired_names(path)] == []


def test_each_kind_of_name_is_seen(tmp_path: Path) -> None:
    python = tmp_path / "crew.py"
    python.write_text("DEAR = 1\nclass Cell:\n    mark: int\n    def tell(self):\n        self.told = loose = 1\n")
    assert {name for name, _ in names_in_python(python)} == {"crew", "DEAR", "Cell", "mark", "tell", "told"}
    typescript = tmp_path / "desk.test.ts"
    typescript.write_text(
        "// function hear() {}\nexport function tellAll() { return 'class Doubt {}' }\nclass RunBook {\n"
        "  private worth = 1\n  private say(): void {\n  }\n}\n"
        "interface Cell {\n  readonly marks?: string\n}\nconst leaving = () => 1\n"
    )
    assert {name for name, _ in names_in_typescript(typescript)} == {
        *("desk", "tellAll", "RunBook", "worth", "say", "Cell", "marks", "leaving")
    }
    assert words("lookForMarks_ofHTTPServer") == ["look", "for", "marks", "of", "http", "server"]
