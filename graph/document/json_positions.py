"""Line, column and path of a fault in a JSON text.

`graph.document.json_text` parses with Python's own JSON reader, which is fast and does not report positions of what we
refuse. Only for a refused text, this module scans the text once more.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_DIGITS = 4300
"""The most digits of an integer; Python reads no longer ones."""
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[-+.\w]+|[{}\[\],:]', re.DOTALL)
_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")


@dataclass(slots=True)
class _Box:
    """An open object or list, the names seen in it, and the current position in it."""

    is_object: bool
    names: set[str] = field(default_factory=set)
    name: str = ""
    at: int = 0
    awaits_name: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and its position. `path` holds the names and indexes that lead to it, outermost first."""

    what: str
    word: str
    line: int
    column: int
    path: tuple[str, ...]

    @property
    def place(self) -> str:
        """The position in words."""
        return f"line {self.line}, column {self.column}"


def find_fault(text: str) -> Fault | None:
    """Return the first duplicate name in an object ("duplicate") or invalid number ("number", "digits")."""
    for what, word, at, path in _faults(text):
        line, column = place_of(text, at)
        return Fault(what, word, line, column, path)
    return None


def place_of(text: str, at: int) -> tuple[int, int]:
    """Return line and column of a position, both from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _faults(text: str) -> Iterator[tuple[str, str, int, tuple[str, ...]]]:
    boxes: list[_Box] = []

    def path() -> tuple[str, ...]:
        return tuple(box.name if box.is_object else str(box.at) for box in boxes)

    for token in _TOKEN.finditer(text):
        word = token[0]
        box = boxes[-1] if boxes else None
        if word in "{[":
            boxes.append(_Box(word == "{"))
        elif word in "}]":
            if boxes:
                boxes.pop()
        elif word == "," and box:
            box.at += 1
            box.awaits_name = True
        elif word[0] == '"':
            if box and box.is_object and box.awaits_name:
                box.name, box.awaits_name = _text_of(word), False
                if box.name in box.names:
                    yield "duplicate", box.name, token.start(), path()
                box.names.add(box.name)
        elif what := _wrong_number(word):
            yield what, word, token.start(), path()


def _text_of(word: str) -> str:
    try:
        return str(json.loads(word))
    except ValueError:
        return word


def _wrong_number(word: str) -> str:
    if word in _NO_NUMBERS:
        return "number"
    digits = word.removeprefix("-")
    if digits.isdecimal():
        return "digits" if len(digits) > MAX_DIGITS else ""
    try:
        return "" if math.isfinite(float(word)) else "number"
    except ValueError:
        return ""
