r"""Weights in a prompt: text -> pieces of (text, weight). Free of torch.

- `(cat)` is 1.1 times as strong as what is around it; `((cat))` 1.21 times.
- `(cat:1.3)` has the weight 1.3. The number replaces what is around it: in `((cat:1.3))` the cat has 1.3, not 1.43.
- `\(` and `\)` are plain parentheses. Square brackets are plain text.
- A parenthesis without its counterpart is plain text, and so is a number that is not one: `(cat:dog)` is 1.1 times
  "cat:dog". A group that is only a number, `(:1.3)`, is text as well.
- `BREAK` starts a new chunk of the text encoder (`split_breaks`).
- `embedding:name` stands for the vectors of a file (`split_embeddings`). The name ends at a blank, comma, semicolon or
  parenthesis; a number behind it is a weight only in a group: `(embedding:name:1.2)`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import NamedTuple

GROUP_FACTOR = 1.1
_EMBEDDING = re.compile(r"(?<!\w)embedding:([^\s,;()]+)")
_ENDS_IN_EMBEDDING = re.compile(r"(?<!\w)embedding$")


class Piece(NamedTuple):
    """A stretch of text with one weight."""

    text: str
    weight: float


@dataclass
class _Group:
    """What stands between two parentheses: text and further groups. Texts that follow each other belong together."""

    parts: list[str | _Group] = field(default_factory=list)
    weight: float | None = None


def parse(text: str) -> list[Piece]:
    """The pieces of a prompt in order, without empty ones. Never fails: what is no weight is text.

    The work is linear in the length of the text: texts are gathered and joined once.
    """
    return _weigh(_group(text))


def split_breaks(text: str) -> list[str]:
    """The parts of a prompt between the words BREAK (in capitals), without the blanks around the word."""
    # The blanks are not in the pattern: a long run of them that no BREAK ends would be tried again from each blank.
    parts = re.split(r"\bBREAK\b", text)
    last = len(parts) - 1
    ends = [part if number == last else part.rstrip() for number, part in enumerate(parts)]
    return [part if number == 0 else part.lstrip() for number, part in enumerate(ends)]


def split_embeddings(text: str) -> list[str]:
    """The text around embeddings, and what stands behind `embedding:`, in turn; the first and last are text."""
    return _EMBEDDING.split(text)


def embedding_names(text: str) -> list[str]:
    """What stands behind each `embedding:` of a prompt, once each: a name, and punctuation that may follow it."""
    found = [
        name for piece in parse(text) for part in split_breaks(piece.text) for name in split_embeddings(part)[1::2]
    ]
    return list(dict.fromkeys(found))


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
            open_groups[-1].parts.append(token[1:] if len(token) == 2 and token[0] == "\\" else token)
    root = open_groups[0]
    for unclosed in open_groups[1:]:
        root.parts.append("(")
        root.parts += unclosed.parts
    return root


def _take_number(parts: list[str | _Group]) -> float | None:
    """Cuts `:number` off the end of a group, and gives the number; None where there is none."""
    texts: list[str] = []
    while parts and isinstance(last := parts[-1], str):
        texts.append(last)
        parts.pop()
    if not texts:
        return None
    text = "".join(reversed(texts))
    head, colon, tail = text.rpartition(":")
    is_name = _ENDS_IN_EMBEDDING.search(head) is not None  # of an embedding that is called 5
    weight = _number(tail) if colon and (head or parts) and not is_name else None
    parts.append(text if weight is None else head)
    return weight


def _number(text: str) -> float | None:
    try:
        weight = float(text)
    except ValueError:
        return None
    return weight if math.isfinite(weight) else None


def _weigh(root: _Group) -> list[Piece]:
    pieces: list[Piece] = []
    texts: list[str] = []  # in one group, one after the other
    todo: list[tuple[str | _Group | None, float]] = [(part, 1.0) for part in (None, *reversed(root.parts))]
    while todo:
        part, weight = todo.pop()
        if isinstance(part, str):
            texts.append(part)
            continue
        if text := "".join(texts):
            pieces.append(Piece(text, weight))
        texts.clear()
        if part is not None:
            inner = weight * GROUP_FACTOR if part.weight is None else part.weight
            # None ends a group, with the weight of its texts
            todo.extend((child, inner) for child in (None, *reversed(part.parts)))
    return pieces
