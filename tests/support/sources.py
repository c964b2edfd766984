"""The imports of source files, read once for all laws that ask for them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def imports_in(path: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """The import statements of a file, also those inside of functions and for types only."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path)))
    return tuple(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))
