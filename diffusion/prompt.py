r"""Weights in a prompt: text -> pieces of (text, weight). Free of torch.

- `(cat)` is 1.1 times as strong as what is around it; `((cat))` 1.21 times.
- `(cat:1.3)` has the weight 1.3. The number replaces what is around it: in `((cat:1.3))` the cat has 1.3, not 1.43.
- `\(` and `\)` are plain parentheses. Square brackets are plain text.
- A parenthesis without its counterpart is plain text, and so is a number that is not one: `(cat:dog)` is 1.1 times
  "cat:dog". A group that is only a number, `(:1.3)`, is text as well.
- `BREAK` starts a new chunk of the text encoder (`split_breaks`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import NamedTuple

GROUP_FACTOR = 1.1


class Piece(NamedTuple):
    """A stretch of text with one weight."""

    text: str
    weight: float


@dataclass
class _Group:
    """What stands between two parentheses: text and further groups."""

    parts: list[str | _Group] = field(default_factory=list)
    weight: float | None = None


def parse(text: str) -> list[Piece]:
    """The pieces of a prompt in order, without empty ones. Never fails: what is no weight is text."""
    return _weigh(_group(text))


def split_breaks(text: str) -> list[str]:
    """The parts of a prompt between the words BREAK (in capitals)."""
    return re.split(r"\s*\bBREAK\b\s*", text)


def _group(text: str) -> _Group:
    # A stack instead of recursion: a prompt may nest as deeply as it likes.
    open_groups = [_Group()]
    for token in re.findall(r"\\[()]|[()]|[^()\\]+|\\", text):
        if token == "(":  # noqa: S105 - not a password
            open_groups.append(_Group())
        elif token == ")" and len(open_groups) > 1:  # noqa: S105
            group = open_groups.pop()
            group.weight = _take_number(group.parts)
            open_groups[-1].parts.append(group)
        else:
            _append_text(open_groups[-1].parts, token[1:] if len(token) == 2 and token[0] == "\\" else token)
    while len(open_groups) > 1:
        unclosed = open_groups.pop()
        _append_text(open_groups[-1].parts, "(")
        for part in unclosed.parts:
            if isinstance(part, str):
                _append_text(open_groups[-1].parts, part)
            else:
                open_groups[-1].parts.append(part)
    return open_groups[0]


def _append_text(parts: list[str | _Group], text: str) -> None:
    if parts and isinstance(parts[-1], str):
        parts[-1] += text
    else:
        parts.append(text)


def _take_number(parts: list[str | _Group]) -> float | None:
    """Cuts `:number` off the end of a group, and gives the number; None where there is none."""
    last = parts[-1] if parts else None
    if not isinstance(last, str) or ":" not in last:
        return None
    head, _, tail = last.rpartition(":")
    if not head and len(parts) == 1:
        return None
    try:
        weight = float(tail)
    except ValueError:
        return None
    if not math.isfinite(weight):
        return None
    parts[-1] = head
    return weight


def _weigh(root: _Group) -> list[Piece]:
    pieces: list[Piece] = []
    todo: list[tuple[str | _Group, float]] = [(part, 1.0) for part in reversed(root.parts)]
    while todo:
        part, weight = todo.pop()
        if isinstance(part, str):
            if part:
                pieces.append(Piece(part, weight))
            continue
        inner = weight * GROUP_FACTOR if part.weight is None else part.weight
        todo.extend((child, inner) for child in reversed(part.parts))
    return pieces
