"""Tests use no private name of another room: no `_name` of graph, server, diffusion, pictures, nodes or commands.

What a test needs is public, comes in as an argument, or is tried through the door. A name counts as private when a
room defines it with a leading underscore.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.support.sources import nodes_of

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("graph", "server", "diffusion", "pictures", "nodes", "commands")

PRIVATE = re.compile(r"\b_[^\W_]\w*")
IMPORTED = re.compile(r"^\s*from (?:" + "|".join(ROOMS) + r")\b[^()\n]*(?:\([^)]*)?\b_[^\W_]", re.MULTILINE)
"""The import of one, which may be the name of a file."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def is_own(node: ast.Attribute) -> bool:
    """Whether it is an attribute of the object that the code belongs to."""
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def defined_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names of functions, classes, attributes and constants that a source defines."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_own(node):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


@cache
def private_names() -> frozenset[str]:
    """The private names of all rooms."""
    sources = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return frozenset(name for path in sources for name in defined_in(nodes_of(path)) if is_private(name))


def may_use(text: str) -> bool:
    """Whether a source names any at all: most do not, and are not parsed."""
    return not private_names().isdisjoint(PRIVATE.findall(text)) or IMPORTED.search(text) is not None


def uses(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    """Private names of rooms that a test imports, takes as an attribute of something, or replaces."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ROOMS:
            yield from ((alias.name, node.lineno) for alias in node.names if is_private(alias.name))
        elif isinstance(node, ast.Attribute):
            if node.attr in private_names() and not is_own(node):
                yield node.attr, node.lineno
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("setattr", "getattr", "delattr"):
                texts = [part.value for part in node.args[:2] if isinstance(part, ast.Constant)]
                names = [text.rpartition(".")[2] for text in texts if isinstance(text, str)]
                yield from ((name, node.lineno) for name in names if name in private_names())


def test_tests_use_no_private_names_of_rooms() -> None:
    wrong = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        found = uses(nodes_of(path)) if may_use(path.read_text(encoding="utf-8")) else ()
        wrong += [f"{path.relative_to(ROOT).as_posix()}:{line} uses {name}" for name, line in found]
    assert wrong == []


def test_the_law_sees_each_way_to_a_private_name() -> None:
    name = next(iter(private_names() & {"_LOG"}))
    source = (
        f"from server.hub import {name}\nhub.{name}\nmonkeypatch.setattr('server.hub.{name}', 1)\n"
        f"setattr(hub, '{name}', 1)\nhub.publish\nself.{name}\nfrom os import {name}\n"
    )
    assert sorted(line for _, line in uses(ast.walk(ast.parse(source)))) == [1, 2, 3, 4]
    assert all(may_use(line) for line in source.splitlines()[:4])
    assert may_use("from graph.packs import (\n    loading,\n    _a_file,\n)")
