"""What lies in a folder of pictures for training: which picture has which caption and counts how often, and what was
left out, with the reason.

A caption is a text file of the same name beside a picture. A folder inside whose name begins with a number, such as
`10_cat`, says how often its pictures count. Pictures are not opened here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from graph.api import IMAGE_EXTENSIONS, FileNameError, Files, NodeError, why_unreadable
from nodes.folder_listing import LeftOut, Listed, list_folder

CAPTION_EXTENSIONS = (".txt", ".caption")
MOST_CAPTION_BYTES = 100_000
_WHOLE = ("", ".")
_COUNT = re.compile(r"(\d{1,6})_")


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture of a set. `caption` is '' where it has none; `repeats` is how often it counts beside the others."""

    listed: Listed
    caption: str = ""
    repeats: int = 1

    @property
    def name(self) -> str:
        """Its name inside the folder."""
        return self.listed.name


def facts(files: Files, folder: str) -> list[Any]:
    """What the set depends on: names, sizes and times of all files of the folder. None of one that cannot be read: the
    node itself refuses that."""
    try:
        return [[item.name, *item.state] for item in _listed(files, folder, lambda _name, _reason: None)]
    except FileNameError:
        return []


def look(files: Files, folder: str, left_out: LeftOut) -> list[Entry]:
    """The pictures of a folder inside the input folder, in the order of their names, each looked at by itself.

    `left_out` is called with the name of everything else, and the reason. Raises `NodeError` for a folder that cannot
    be read.
    """
    try:
        listed = _listed(files, folder, left_out)
    except FileNameError as error:
        raise NodeError(str(error), input="folder", remedy=error.remedy) from None
    texts = {item.name: item for item in listed if _suffix(item.name) in CAPTION_EXTENSIONS}
    entries: list[Entry] = []
    used: set[str] = set()
    for item in listed:
        if _suffix(item.name) in IMAGE_EXTENSIONS:
            stem = item.name[: -len(_suffix(item.name))]
            text = next((texts[name] for end in CAPTION_EXTENSIONS if (name := stem + end) in texts), None)
            used |= {text.name} if text else set()
            entry = _entry(item, text, left_out)
            entries += [entry] if entry else []
        elif item.name not in texts:
            left_out(item.name, "it is neither a picture nor a caption")
    for name in sorted(texts.keys() - used):
        left_out(name, "there is no picture that it could be the caption of")
    return _smallest_counts(entries)


def _listed(files: Files, folder: str, left_out: LeftOut) -> list[Listed]:
    """All files; the input folder itself is taken without the folders in it, which are sets of their own."""
    return list_folder(files, folder, "*", recursive=folder.strip() not in _WHOLE, left_out=left_out)


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _entry(item: Listed, text: Listed | None, left_out: LeftOut) -> Entry | None:
    count = _COUNT.match(PurePosixPath(item.name).parent.name)
    repeats = int(count[1]) if count else 1
    if not repeats:
        left_out(item.name, "its folder says that it counts 0 times")
        return None
    try:
        return Entry(item, _caption(text) if text else "", repeats)
    except ValueError as error:
        left_out(item.name, f"its caption {error}")
        return None


def _caption(text: Listed) -> str:
    """Raises `ValueError` with words that follow 'its caption'."""
    try:
        with Path(text.path).open("rb") as file:
            data = file.read(MOST_CAPTION_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{text.name} cannot be read: {why_unreadable(error)}") from None
    if len(data) > MOST_CAPTION_BYTES:
        raise ValueError(f"{text.name} has more than {MOST_CAPTION_BYTES:,} bytes")
    try:
        return " ".join(data.decode("utf-8-sig").split())
    except UnicodeDecodeError:
        raise ValueError(f"{text.name} is not written in UTF-8") from None


def _smallest_counts(entries: list[Entry]) -> list[Entry]:
    """The same shares with the smallest numbers: a training counts steps, so `10_cat` alone is no more than `cat`."""
    common = math.gcd(*(entry.repeats for entry in entries)) or 1
    return [replace(entry, repeats=entry.repeats // common) for entry in entries]


class LeftOuts:
    """Collects what is left out, and tells it in one go."""

    named = 8
    """How many a warning names."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def __call__(self, name: str, reason: str) -> None:
        """Note it."""
        self.reasons[name] = reason

    def lines(self) -> list[str]:
        """All of them, a line each."""
        return [f"{name} was left out: {reason}" for name, reason in self.reasons.items()]

    def tell(self, warn: Callable[[str], None]) -> None:
        """Warn of each; of very many only of the first, with the number of the others."""
        lines = self.lines()
        for line in lines[: self.named]:
            warn(line)
        more = len(lines) - self.named
        if more > 0:
            warn(f"{more} more were left out; the output 'report' names all of them")
