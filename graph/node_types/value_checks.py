"""The check of one value against one input, the same for a literal in a file and for a value from an edge.

Returns the value as the node receives it (20.0 becomes 20 for an INT), or what is wrong with it.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, replace
from typing import Any

from graph.base.suggestions import MOST_CHARACTERS
from graph.document.literals import unfit, unfit_text
from graph.files.folders import FileNameError, Files
from graph.files.listing import Listing
from graph.files.name_patterns import check
from graph.node_types.node_type import Input
from graph.node_types.sockets import COMBO, FLOAT, INT, ValueRefusedError, describe_number, describe_value, in_words
from graph.node_types.widgets import Choice, FileChoice, Number, Seed, Text

_LIMITED, _NUMBERS = (Number, Seed), (int, float)
_LISTED = 8
"""How many choices an error message lists."""
_LEFT_OUT = 3
"""How many entries that were left out of a folder it lists."""
_COMPARED = 1_000
"""With more names than this, no suggestion is searched: comparing takes longer than a check may."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a value is refused for an input; becomes a `Problem` once the node is known."""

    code: str
    message: str
    expected: str = ""
    got: str = ""
    remedy: str = ""


def admit_literal(item: Input, value: Any, files: Files) -> Any:
    """Return a literal as the node receives it, or a `Refusal`."""
    if not can_be_written(item):
        if value is None and item.optional:
            return None
        expected = f"a connection from an output of type {in_words(item.type)}"
        remedy = f"connect a node that gives {item.type.describe or item.type.name}"
        return Refusal("needs_connection", "the input takes no written value", expected, describe_value(value), remedy)
    kind = type(value)
    found = unfit_text(value) if kind is str else unfit(value) if kind is list or kind is dict else None
    if found is not None and not isinstance(item.widget, FileChoice):
        return Refusal(found.code, f"the value {found.message}", found.expected, found.got, found.remedy)
    return admit(item, value, files)


def can_be_written(item: Input) -> bool:
    """Return whether an input accepts a value written in a file, and not only values from edges."""
    return item.widget is not None or (item.type.name == "*" and not item.collects)


def admit(item: Input, value: Any, files: Files) -> Any:
    """Return any value as the node receives it, or a `Refusal`.

    An input that collects accepts a list of fitting values, or one fitting value, which becomes a list of one.
    """
    if value is None and item.optional:
        return None
    return _admit_list(item, value, files) if item.collects else _admit_one(item, value, files)


def _admit_list(item: Input, values: Any, files: Files) -> Any:
    if not isinstance(values, list):
        admitted = _admit_one(item, values, files)
        return admitted if isinstance(admitted, Refusal) else [admitted]
    found = [_admit_one(item, value, files) for value in values]
    for index, admitted in enumerate(found):
        if not isinstance(admitted, Refusal):
            continue
        whole = _admit_one(item, values, files)  # a value of this type may be a list itself
        return replace(admitted, message=f"item {index}: {admitted.message}") if isinstance(whole, Refusal) else [whole]
    return found


def _admit_one(item: Input, value: Any, files: Files) -> Any:
    kind = type(value)
    if item.type is INT and kind is float and value.is_integer():
        value = int(value)
    elif item.type is FLOAT and kind is int:
        try:
            value = float(value)
        except OverflowError:
            got = describe_value(value)
            return Refusal("above_max", "the number is too large", "a finite number", got, "lower it")
    elif kind is float and not math.isfinite(value) and {"INT", "FLOAT", "*"} & set(item.type.names):
        remedy = f"write {_range(item) or 'a finite number'}"
        return Refusal("not_finite", f"{value} is not a number that can be used", "a finite number", str(value), remedy)
    if item.type is COMBO:
        return _admit_choice(item, value, files)
    try:
        item.type.enforce(value)
    except ValueRefusedError as error:
        remedy = f"give it {_range(item) or error.expected}"
        return Refusal("wrong_type", "the value has the wrong type", error.expected, error.got, remedy)
    return _out_of_range(item, value) or _bad_pattern(item, value) or value


def _bad_pattern(item: Input, value: Any) -> Refusal | None:
    widget = item.widget
    if not isinstance(widget, Text) or not widget.file_name or not isinstance(value, str):
        return None
    error = check(value, widget.words)
    if error is None:
        return None
    return Refusal("bad_file_name", str(error), "a name inside the folder", repr(value)[:60], error.remedy)


def _out_of_range(item: Input, value: Any) -> Refusal | None:
    widget = item.widget
    if not isinstance(widget, _LIMITED) or not isinstance(value, _NUMBERS):
        return None
    factor = widget.multiple_of if isinstance(widget, Number) else None
    if widget.min is not None and value < widget.min:
        code, what, remedy = "below_min", "too small", f"use {_range(item)}"
    elif widget.max is not None and value > widget.max:
        code, what, remedy = "above_max", "too large", f"use {_range(item)}"
    elif factor is not None and value % factor:
        code, what, remedy = "not_a_multiple", f"not a multiple of {factor}", f"use {_nearest(widget, value, factor)}"
    else:
        return None
    got = describe_number(value)
    return Refusal(code, f"{got} is {what}", _range(item), got, remedy)


def _nearest(widget: Number | Seed, value: float, factor: int) -> str:
    """Return the multiples on both sides of a value that are within the limits."""
    below = int(value // factor) * factor
    around = (below, below + factor)
    least, most = (-math.inf if widget.min is None else widget.min), (math.inf if widget.max is None else widget.max)
    return " or ".join(describe_number(each) for each in around if least <= each <= most)


def _range(item: Input) -> str:
    widget = item.widget
    if not isinstance(widget, Number | Seed):
        return ""
    word = "a whole number" if item.type is INT else "a number"
    if isinstance(widget, Number) and widget.multiple_of is not None:
        word = f"a multiple of {widget.multiple_of}"
    if widget.min is not None and widget.max is not None:
        return f"{word} from {widget.min} to {widget.max}"
    if widget.min is not None:
        return f"{word} of at least {widget.min}"
    return f"{word} of at most {widget.max}" if widget.max is not None else word


def _admit_choice(item: Input, value: Any, files: Files) -> Any:
    if isinstance(item.widget, FileChoice):
        return _admit_file(item.widget, value, files)
    options = item.widget.options if isinstance(item.widget, Choice) else ()
    if isinstance(value, str) and value in options:  # in this order: a tensor cannot be compared with texts
        return value
    got = repr(value)[:60] if isinstance(value, str) else describe_value(value)
    close = _closest(value, options)
    remedy = f"did you mean {close!r}?" if close else f"use {_listed(options)}"
    return Refusal("not_a_choice", f"{got} is not one of the choices", _listed(options), got, remedy)


def _admit_file(widget: FileChoice, value: Any, files: Files) -> Any:
    if widget.none and value == widget.none:
        return None
    if not isinstance(value, str):
        return Refusal(
            "wrong_type", "a file is chosen by its name", "a file name", describe_value(value), "choose a file"
        )
    try:
        path = files.path(widget.folder, value)
    except FileNameError as error:
        found = files.lately_listed(widget.folder, widget.fits)
        close = _closest(value, found.names)
        advice = f"did you mean {close!r}?" if close else f"use {_listed(found.names)}."
        remedy = f"{advice} Else {error.remedy}" if found.names else error.remedy
        expected = (_listed(found.names) or f"a file in {widget.folder}/") + _left_out(found)
        return Refusal("file_missing", str(error), expected, value, remedy)
    if widget.fits and (why := files.kinds.refusal(path, repr(value), widget.fits)) is not None:
        return Refusal("file_unfit", why.message, why.expected, why.got, why.remedy)
    return value


def _left_out(listing: Listing) -> str:
    """List in brackets the entries of a folder that cannot be chosen."""
    names = [f"{item.name}: {item.reason}" for item in listing.left_out[:_LEFT_OUT]]
    more = len(listing.left_out) - len(names)
    return f" (left out: {'; '.join(names)}{f'; and {more} more' if more else ''})" if names else ""


def _closest(value: Any, options: Any) -> str:
    """Return the choice that is most similar to a value; '' if none is."""
    comparable = isinstance(value, str) and len(value) <= MOST_CHARACTERS and len(options) <= _COMPARED
    close = difflib.get_close_matches(value, options, n=1, cutoff=0.5) if comparable else []
    return close[0] if close else ""


def _listed(options: Any) -> str:
    if not options:
        return ""
    shown = ", ".join(map(repr, list(options)[:_LISTED]))
    return f"one of {shown}" + (f" and {len(options) - _LISTED} more" if len(options) > _LISTED else "")
