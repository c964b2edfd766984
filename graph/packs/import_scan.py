"""The modules that a Python source imports, read from its text, so that imports inside functions are found, too.

A docstring that looks like an import adds a module needlessly, which does no harm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_IMPORT = re.compile(r"\bimport\b[ \t]*(\([^)]*\)|[^\n#;]*)")
_BEFORE = re.compile(r"(?:^|[:;])[ \t]*(?:from[ \t]*(?P<dots>[. \t]*)(?P<source>[\w.]*)[ \t]*)?$")
_BY_NAME = re.compile(r"\b(?:import_module|__import__)\(\s*[rRuU]?['\"](?P<module>[\w.]+)['\"]")
_WORD = re.compile(r"[^\W\d]\w*(?:\.\w+)*")


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """An imported module; `level` counts the dots before it, as in `from ..shapes import circle`."""

    module: str
    level: int = 0


def named_modules(text: str) -> set[ImportedModule]:
    """Return all modules that a source imports. `from a import b` gives `a` and `a.b`, because `b` may be a module."""
    text = text.replace("\\\n", " ")
    found = {ImportedModule(match["module"]) for match in _BY_NAME.finditer(text)}
    for match in _IMPORT.finditer(text):
        before = _BEFORE.search(text[text.rfind("\n", 0, match.start()) + 1 : match.start()])
        if before is None:
            continue
        words = [_first_word(part) for part in _without_remarks(match[1]).strip("()").split(",")]
        dots, source = before["dots"], before["source"]
        if dots is None:
            found |= {ImportedModule(word) for word in words if word}
            continue
        level = dots.count(".")
        found |= {ImportedModule(source, level)} if source else set()
        found |= {ImportedModule(f"{source}.{word}".lstrip("."), level) for word in words if word}
    return found


def _first_word(text: str) -> str:
    found = _WORD.match(text.strip())
    return found[0] if found else ""


def _without_remarks(text: str) -> str:
    return re.sub(r"#[^\n]*", "", text)
