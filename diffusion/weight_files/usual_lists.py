"""The list of tensors in a safetensors header as the format's own library writes it, read without a JSON parser.

That library writes no spaces, and the keys of each tensor in one order. Such a list is cut at its quotation marks, and
must be, piece by piece, what that library would write; whatever is not is left to the reader of all JSON in
`safetensors`, which says what is wrong with it. So both give the same for what this one takes
(`tests/diffusion/weight_files/test_usual_lists.py`), and this one takes a third of the time.
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise, repeat
from math import prod
from operator import sub
from typing import TYPE_CHECKING, Any

from diffusion.weight_files.header import BITS, TensorInfo
from diffusion.weight_files.names import bad_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_PIECES = 10
"""Quotation marks of a tensor: two of its name, two of each key, and two of its type."""
_BETWEEN = ((2, ":{"), (3, "dtype"), (4, ":"), (6, ","), (7, "shape"), (9, "data_offsets"))
"""The pieces that are alike in all tensors, by their place."""
_SHAPE = re.compile(r":\[((?:0|[1-9][0-9]{0,17})(?:,(?:0|[1-9][0-9]{0,17}))*|)\],")


def read_usual_list(text: str, base: int, end: int, most: int) -> dict[str, TensorInfo] | None:
    """The tensors of a list, an object of JSON, whose bytes fill the file from `base` to `end`; at most so many.

    None for a list that is not written as the format's library does, or in which anything is unusual or wrong.
    """
    pieces = text.rstrip(" ").split('"')
    number = len(pieces) // _PIECES
    if not 0 < number <= most or len(pieces) % _PIECES != 1 or pieces[0] != "{" or "\\" in text:
        return None
    for place, piece in _BETWEEN:
        if pieces[place::_PIECES].count(piece) != number:
            return None
    names, types, written = pieces[1::_PIECES], pieces[5::_PIECES], pieces[8::_PIECES]
    shapes = _shapes(set(written))
    sizes = _sizes(types, written, shapes)
    places = _places(pieces[10::_PIECES], sizes, base) if sizes else None
    if places is None or places[2] != end:
        return None
    starts, ends, _ = places
    infos = map(tuple.__new__, repeat(TensorInfo), zip(types, map(shapes.get, written), starts, ends, strict=True))
    found = dict(zip(names, infos, strict=True))
    is_fine = len(found) == number and "__metadata__" not in found and bad_name(names) is None
    return found if is_fine else None


def _shapes(written: set[str]) -> dict[str, tuple[int, ...]]:
    """The shapes that are written; those that are not written as usual are not among them."""
    matches = {piece: _SHAPE.fullmatch(piece) for piece in written}
    return {
        piece: tuple(map(int, match[1].split(","))) if match[1] else () for piece, match in matches.items() if match
    }


def _sizes(types: list[str], written: list[str], shapes: Mapping[str, tuple[int, ...]]) -> list[int]:
    """The bytes of each tensor; nothing when one has a type that nobody here knows, ends inside of a byte, or is not
    written as usual."""
    kinds: list[Any] = written if types.count(types[0]) == len(types) else list(zip(types, written, strict=True))
    known = {}
    for kind in set(kinds):
        dtype, piece = (types[0], kind) if kinds is written else kind
        if dtype not in BITS or piece not in shapes:
            return []
        known[kind], rest = divmod(prod(shapes[piece]) * BITS[dtype], 8)
        if rest:
            return []
    return list(map(known.__getitem__, kinds))


def _places(written: list[str], sizes: list[int], base: int) -> tuple[list[int], list[int], int] | None:
    """Where tensors of these sizes begin and end in the file, and where all of them end; None when the places that are
    written are others, or leave holes, or are not written as usual."""
    together = "".join(written)
    ends = list(accumulate(sizes))
    texts = list(map(str, ends))
    if together == _written(["0", *texts[:-1]], texts):  # one after another, as nearly all files have them
        ends = [base + end for end in ends]
        return [base, *ends[:-1]], ends, ends[-1]
    try:
        numbers = list(map(int, together[2:-3].replace("]},:[", ",").split(",")))
    except ValueError:  # no numbers, or endless ones
        return None
    starts, ends = numbers[0::2], numbers[1::2]
    # Written again, they must be what was there: `int` takes spaces, signs, zeros in front, and digits of all scripts.
    is_usual = len(numbers) == 2 * len(sizes) and _written(list(map(str, starts)), list(map(str, ends))) == together
    if not is_usual or list(map(sub, ends, starts)) != sizes:
        return None
    in_turn = sorted(zip(starts, ends, strict=True))
    if in_turn[0][0] != 0 or any(end != start for (_, end), (start, _) in pairwise(in_turn)):
        return None
    return [base + start for start in starts], [base + end for end in ends], base + in_turn[-1][1]


def _written(starts: list[str], ends: list[str]) -> str:
    """Places as the format's library writes them, from the bracket before the first to the end of the list."""
    pieces = [","] * (4 * len(starts))
    pieces[0::4], pieces[2::4], pieces[3::4] = starts, ends, ["]},:["] * len(starts)
    pieces[-1] = "]}}"
    return f":[{''.join(pieces)}"
