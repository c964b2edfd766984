"""Paths in messages, without the places of this machine: `output/cat.png`, `nodes/save_image.py`, `mypack/blur.py`.

Tracebacks and messages of libraries contain absolute paths, which tell others nothing and are private. Paths in known
folders are shown relative to these; of any other path only the last part remains.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

_PATH = r"(?:/|[A-Za-z]:[\\/])"
_QUOTED = re.compile(rf"(?P<quote>[\"']){_PATH}[^\"'\n]*[\\/](?P<last>[^\"'\\/\n]+)(?P=quote)")
_BARE = re.compile(
    rf"(?<![\w.~/:\\>-]){_PATH}(?:[^\s\"'<>|:;,()\[\]{{}}\\/]+[\\/])+(?P<last>[^\s\"'<>|:;,()\[\]{{}}\\/]+)"
)


class PlaceNames:
    """Shortens the paths of one installation. `places`: name -> folders; an empty name leaves the folder out."""

    def __init__(self, places: Mapping[str, Iterable[Path]]) -> None:
        names: dict[str, str] = {}
        for name, folders in places.items():
            for folder in folders:
                for path in (folder.absolute(), folder.resolve()):
                    if len(path.parts) > 1:  # the root of a disk would match everywhere
                        names.setdefault(str(path), name)
        self._names = names
        longest_first = sorted(names, key=len, reverse=True)
        ends = r"(?P<end>[\\/]|(?![\w.-]))"
        self._known = re.compile(f"(?P<folder>{'|'.join(map(re.escape, longest_first))}){ends}") if names else None

    def shorten(self, text: str) -> str:
        """Return a text without absolute paths of this machine."""
        if "/" not in text and "\\" not in text:
            return text
        if self._known is not None:
            text = self._known.sub(self._name, text)
        text = _QUOTED.sub(lambda found: f"{found['quote']}.../{found['last']}{found['quote']}", text)
        return _BARE.sub(lambda found: f".../{found['last']}", text)

    def _name(self, found: re.Match[str]) -> str:
        name = self._names[found["folder"]]
        if not name:
            return "" if found["end"] else "."
        return name + found["end"]
