"""Tests use no private name of another room: no `_name` of graph, server, diffusion, pictures, nodes or commands.

What a test needs is public, comes in as an argument, or is tried through the door. A name counts as private when a
room defines it with a leading underscore.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("graph", "server", "diffusion", "pictures", "nodes", "commands")

PRIVATE = re.compile(r"\b_[^\W_]")
"""Stands in every source that names one."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def is_own(node: ast.Attribute) -> bool:
    """Whether it is an attribute of the object that the code belongs to."""
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def defined_in(tree: ast.AST) -> Iterator[str]:
    """Names of functions, classes, attributes and constants that a source defines."""
    for node in ast.walk(tree):
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
    trees = [ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in sources]
    return frozenset(name for tree in trees for name in defined_in(tree) if is_private(name))


def uses(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Private names of rooms that a test imports, takes as an attribute of something, or replaces."""
    for node in ast.walk(tree):
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
        text = path.read_text(encoding="utf-8")
        found = uses(ast.parse(text, str(path))) if PRIVATE.search(text) else ()  # most have none, not even their own
        wrong += [f"{path.relative_to(ROOT).as_posix()}:{line} uses {name}" for name, line in found]
    assert wrong == []


def test_the_law_sees_each_way_to_a_private_name() -> None:
    name = next(iter(private_names() & {"_LOG"}))
    source = (
        f"from server.hub import {name}\nhub.{name}\nmonkeypatch.setattr('server.hub.{name}', 1)\n"
        f"setattr(hub, '{name}', 1)\nhub.publish\nself.{name}\nfrom os import {name}\n"
    )
    assert sorted(line for _, line in uses(ast.parse(source))) == [1, 2, 3, 4]
