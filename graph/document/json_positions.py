"""Where in a JSON text something is wrong: line, column, and the names that lead there.

The reader of `graph.document.json_text` is the language's own, which is fast and does not say where. Only when it
refuses a text is the text gone through once more, here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_DIGITS = 4300
"""Of a whole number; Python reads no longer ones."""
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[-+.\w]+|[{}\[\],:]', re.DOTALL)
_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")


@dataclass(slots=True)
class _Box:
    """An object or list that is open, what was found in it, and where in it one is."""

    is_object: bool
    names: set[str] = field(default_factory=set)
    name: str = ""
    at: int = 0
    awaits_name: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where. `path` holds the names and positions that lead to it, from the outside in."""

    what: str
    word: str
    line: int
    column: int
    path: tuple[str, ...]

    @property
    def place(self) -> str:
        """The place in words."""
        return f"line {self.line}, column {self.column}"


def find_fault(text: str) -> Fault | None:
    """The first name that occurs twice in its object ("duplicate"), or number that is none ("number", "digits")."""
    for what, word, at, path in _faults(text):
        line, column = place_of(text, at)
        return Fault(what, word, line, column, path)
    return None


def place_of(text: str, at: int) -> tuple[int, int]:
    """Line and column of a position, both from 1."""
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
