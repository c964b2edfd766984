"""File names with words in them, such as `cats/%date:yyyy-MM-dd%/%KSampler.seed%`: parsing, checking, filling in.

Words are parts of date and time, values of the workflow (`%node title or type.input%`), and words that the node itself
knows. Other text stays: a lone `%` is a `%`. A pattern is checked before a run, and filling in words never makes a name
that cannot be saved. `graph.subworkflows.name_words` finds the values.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from graph.document.workflow import INSTANCE
from graph.files.name_rules import (
    LONGEST_NAME,
    LONGEST_PART,
    FileNameError,
    cut,
    fault_of,
    mended_name,
    mended_part,
    safe_name,
)

TIME_WORDS = ("year", "month", "day", "hour", "minute", "second")
_DATE = "date:"
_LIKE_A_WORD = re.compile(r"[A-Za-z]\w*|date:|(?i:date): *[yMdhms][^%]*")
_DATE_PART = re.compile(r"yyyy|yy|MM?|dd?|hh?|mm?|ss?")
_UNFIT = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f\ud800-\udfff]')
_STAND_IN = 0xF0000
"""Private characters from here on replace words while a pattern is corrected."""
_EMPTY = "_"
"""Replaces a part of a name of which nothing is left."""
_INSTEAD = "Jacquard"
_MOST_WORDS = 1_000
"""The most words in a pattern that is corrected."""
_MOST_DIGITS = 300
"""More digits than fit into a part of a name; Python writes at most 4300."""


@dataclass(frozen=True, slots=True)
class Word:
    """The text between two `%`. One that is not `known` may be mistyped."""

    text: str
    known: bool = True

    def __str__(self) -> str:
        return f"%{self.text}%"


def parse(pattern: str, is_word: Callable[[str], bool]) -> list[str | Word]:
    """Split a pattern into texts and words. `is_word` recognizes words besides those of date and time.

    A `%` between two candidates is read such that both become known words, if possible.
    """
    percents = [place for place, character in enumerate(pattern) if character == "%"]
    between = [pattern[start + 1 : end] for start, end in itertools.pairwise(percents)]
    known = [_is_time(text) or is_word(text) for text in between]
    parts: list[str | Word] = []
    start = index = 0
    while index < len(between):
        follows = index + 1 < len(between) and known[index + 1]
        if known[index] or (looks_like_a_word(between[index]) and not follows):
            parts += [pattern[start : percents[index]], Word(between[index], known[index])]
            start = percents[index + 1] + 1
            index += 2
        else:
            index += 1
    parts.append(pattern[start:])
    return [part for part in parts if part]


def _is_time(text: str) -> bool:
    return text in TIME_WORDS or (text.startswith(_DATE) and text != _DATE)


def names_a_value(text: str) -> bool:
    """Return whether a text has the form `node.input`."""
    node, _, name = text.rpartition(".")
    return name.isidentifier() and node == node.strip() and (node[:1].isalnum() or node[:1] in ("_", INSTANCE))


def values_named(pattern: str, own: Collection[str]) -> list[str]:
    """Return the texts between two `%` that have the form of a value."""
    between = dict.fromkeys(pattern.split("%")[1:-1])
    return [text for text in between if text not in own and names_a_value(text)]


def looks_like_a_word(text: str) -> bool:
    """Return whether a text between two `%` was meant as a word: `yaer` was, ` wool, ` was not."""
    return bool(_LIKE_A_WORD.fullmatch(text)) or names_a_value(text)


# Before a run


def check(pattern: str, own: Collection[str]) -> FileNameError | None:
    """Return why a pattern can never be saved, whatever is filled in; None if it can.

    `own` are the words that the node fills in itself. Does not check whether words of the workflow exist.
    """
    fault = _fault(pattern, own)
    if not fault:
        return None
    shown = pattern if len(pattern) <= LONGEST_PART else pattern[:60] + "..."
    return FileNameError(f"{shown!r} {fault}", f"use a name such as {_proposed(pattern, own)!r}")


def _fault(pattern: str, own: Collection[str]) -> str:
    text = "".join("x" if isinstance(part, Word) else part for part in parse_alone(pattern.strip(), own))
    parts = text.split("/")
    fault = fault_of("/".join(cut(part, _longest(len(parts))) for part in parts))
    return fault or ("names a folder only" if text.endswith("/") else "")


def parse_alone(pattern: str, own: Collection[str]) -> list[str | Word]:
    """Parse a pattern without a workflow: texts of the form of a value count as words."""
    return parse(pattern, lambda text: text in own or names_a_value(text))


def _proposed(pattern: str, own: Collection[str]) -> str:
    """Return the valid pattern that is most similar to this one."""
    parts = parse_alone("".join(each for each in pattern if ord(each) < _STAND_IN), own)
    words = [part for part in parts if isinstance(part, Word) and part.known]
    for percent in ("%", "_") if len(words) <= _MOST_WORDS else ():  # a correction could make new words
        text, at = "", 0
        for part in parts:
            if isinstance(part, Word) and part.known:
                text, at = text + chr(_STAND_IN + at), at + 1
            else:
                text += part.text if isinstance(part, Word) else part.replace("%", percent)
        found = "".join(
            str(words[place]) if 0 <= (place := ord(each) - _STAND_IN) < len(words) else each
            for each in mended_name(text)
        )
        if not _fault(found, own) and all(isinstance(part, str) or part.known for part in parse_alone(found, own)):
            return found
    return _INSTEAD


def folder_of(pattern: str, own: Collection[str]) -> PurePosixPath:
    """Return the folders of a pattern that are known before words are filled in."""
    first = parse_alone(pattern.strip(), own)[0]
    return PurePosixPath(first.rpartition("/")[0]) if isinstance(first, str) else PurePosixPath()


# When a file is saved


def unfilled(pattern: str, words: Collection[str]) -> list[str]:
    """Return the words of a pattern that have no value."""
    return [str(part) for part in parse(pattern, words.__contains__) if isinstance(part, Word) and not part.known]


def filled(pattern: str, words: Mapping[str, object], now: datetime) -> PurePosixPath:
    """Return the file name of a pattern. `words` are all words but those of date and time.

    In a part that is too long, the longest filled-in words are cut. Raises `FileNameError` for a pattern that can never
    be saved, never because of a value.
    """
    parts: list[list[tuple[str, bool]]] = [[]]
    for part in parse(pattern.strip(), words.__contains__):
        if isinstance(part, Word) and part.known:
            parts[-1].append((_UNFIT.sub("_", _value(part.text, words, now)), True))
            continue
        first, *rest = str(part).split("/")
        parts[-1].append((first, False))
        parts += [[(text, False)] for text in rest]
    if not any(text or is_filled for text, is_filled in parts[-1]) and len(parts) > 1:
        raise FileNameError(f"{pattern!r} names a folder only", "add a name, as in 'cats/cat'")
    longest = _longest(len(parts))
    return safe_name("/".join(_fit(part, longest) for part in parts))


def _longest(parts: int) -> int:
    """Return the most bytes of one part of a name with so many parts."""
    return max(1, min(LONGEST_PART, LONGEST_NAME // parts - 1))


def _fit(pieces: list[tuple[str, bool]], longest: int) -> str:
    """Join the pieces of one part of a name, cut to its maximum length."""
    texts = [text for text, _ in pieces]
    sizes = [len(text.encode()) for text in texts]
    by_length = sorted((at for at, piece in enumerate(pieces) if piece[1]), key=lambda at: -sizes[at])
    excess = sum(sizes) - longest
    for at in by_length:
        if excess > 0:
            texts[at] = cut(texts[at], max(sizes[at] - excess, 0))
            excess -= sizes[at] - len(texts[at].encode())
    whole = "".join(texts)
    return mended_part(cut(whole, longest), _EMPTY) if by_length else cut(whole, longest)


def _value(word: str, words: Mapping[str, object], now: datetime) -> str:
    if word in words:
        value = words[word]
        return "_" if isinstance(value, int) and value.bit_length() > 4 * _MOST_DIGITS else str(value)
    if word in TIME_WORDS:
        return f"{getattr(now, word):0{4 if word == 'year' else 2}}"
    parts = {
        "yyyy": f"{now.year:04}",
        "yy": f"{now.year % 100:02}",
        "MM": f"{now.month:02}",
        "M": str(now.month),
        "dd": f"{now.day:02}",
        "d": str(now.day),
        "hh": f"{now.hour:02}",
        "h": str(now.hour),
        "mm": f"{now.minute:02}",
        "m": str(now.minute),
        "ss": f"{now.second:02}",
        "s": str(now.second),
    }
    return _DATE_PART.sub(lambda match: parts[match[0]], word.removeprefix(_DATE))
