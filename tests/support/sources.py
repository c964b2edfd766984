"""Source files as syntax trees, read once for all laws that ask for them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Everything in a file, in the order of `ast.walk`: the module first."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))))


@cache
def imports_in(path: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """The import statements of a file, also those inside of functions and for types only."""
    return tuple(node for node in nodes_of(path) if isinstance(node, ast.Import | ast.ImportFrom))
