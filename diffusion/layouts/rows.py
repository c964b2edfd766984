"""A table of rows with placeholders, and the pieces that it makes of the names in a file.

A row is a pair of patterns over dotted names: `{i}` stands for a number and is carried to the other side, and `.*` at
the end for `.weight` and `.bias`. Rows can be read backwards, too: from the module's names to those of the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from diffusion.layouts.contract import Piece

_LEAVES = ("weight", "bias")


@dataclass(frozen=True, slots=True)
class Row:
    """Tensors named `source` become those named `target`; the rest as in `Piece`."""

    source: str
    target: str
    rows: tuple[int, int] | None = None
    swap_halves: bool = False
    transpose: bool = False
    squeeze: bool = False


Pairs: TypeAlias = Sequence[tuple[str, str]]


def expand(rows: Iterable[Row], names: Iterable[str]) -> list[Piece]:
    """The pieces that the rows make of these names. Of two rows that make the same tensor the first counts."""
    found: dict[str, Piece] = {}
    for name, made, row in _matches(rows, names, is_turned=False):
        piece = Piece(made, name, row.rows, row.swap_halves, row.transpose, row.squeeze)
        if (other := found.setdefault(made, piece)) is not piece and other.source == name:
            raise ValueError(f"two rows make {made} of {name}")
    return list(found.values())


def origins(rows: Iterable[Row], targets: Iterable[str]) -> list[Piece]:
    """The pieces that could have made tensors of these names, by all the names that a file may have for them."""
    return [
        Piece(name, made, row.rows, row.swap_halves, row.transpose, row.squeeze)
        for name, made, row in _matches(rows, targets, is_turned=True)
    ]


def below(source: str, target: str, pairs: Pairs) -> list[Row]:
    """The rows of a block: `pairs` of names within it, put behind the names of the block on each side."""
    return [Row(f"{source}.{ours}", f"{target}.{theirs}") for ours, theirs in pairs]


def thirds(source: str, targets: tuple[str, str, str], width: int) -> list[Row]:
    """The rows of one matrix that holds query, key and value one below the other."""
    return [Row(source, target, rows=(place * width, (place + 1) * width)) for place, target in enumerate(targets)]


def same(names: Iterable[str]) -> list[Piece]:
    """Pieces for a file whose names are those of the module."""
    return [Piece(name, name) for name in names]


def count(names: Iterable[str], prefix: str) -> int:
    """How many numbered blocks there are below `prefix`, which ends in a dot: the highest number and one."""
    numbers = {name[len(prefix) :].split(".", 1)[0] for name in names if name.startswith(prefix)}
    return 1 + max((int(number) for number in numbers if number.isdecimal()), default=-1)


def _matches(rows: Iterable[Row], names: Iterable[str], *, is_turned: bool) -> Iterator[tuple[str, str, Row]]:
    """Each name that a row fits, with the name on its other side; turned, rows are read from right to left."""
    index: dict[tuple[str, ...], list[tuple[tuple[str, ...], tuple[str, ...], Row]]] = defaultdict(list)
    for row in rows:
        for sides in _spellings(row):
            here, there = sides[::-1] if is_turned else sides
            parts = tuple(here.split("."))
            index[_skeleton(parts)].append((parts, tuple(there.split(".")), row))
    for name in names:
        parts = tuple(name.split("."))
        for pattern, wanted, row in index.get(_skeleton(parts), ()):
            if (bound := _bind(pattern, parts)) is not None:
                yield name, ".".join(bound.get(part, part) for part in wanted), row


def _spellings(row: Row) -> list[tuple[str, str]]:
    if not row.source.endswith(".*"):
        return [(row.source, row.target)]
    return [(row.source[:-1] + leaf, row.target[:-1] + leaf) for leaf in _LEAVES]


def _skeleton(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("#" if part.isdecimal() or part.startswith("{") else part for part in parts)


def _bind(pattern: tuple[str, ...], parts: tuple[str, ...]) -> dict[str, str] | None:
    bound = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            bound[wanted] = part
        elif wanted != part:
            return None
    return bound
