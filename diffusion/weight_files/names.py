"""Names of tensors and files: which are refused, and how they are printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LONGEST_SHOWN = 80
_LONGEST = 1000  # those of real files have up to 200 characters
_UNUSUAL = bytes([*range(32), *b"/\\\x7f"])
_NO_NAMES = {"", ".."}
_PATH = re.compile(r"^[/\\]|^[A-Za-z]:[/\\]|(?:^|[/\\])\.\.(?:[/\\]|$)")


def short(path: Path) -> str:
    """The last three parts of a path, fit to be printed: enough to find it, without telling where people keep files."""
    text = "/".join(path.parts[-3:])
    return text if text.isprintable() else _escaped(text)


def shown(name: object) -> str:
    """A name or value from a file, fit to be printed: in quotes, on one line, not long."""
    text = name if isinstance(name, str) else repr(name)
    text = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
    return f'"{text if text.isprintable() else _escaped(text)}"'


def bad_name(names: Iterable[str]) -> str | None:
    """The first name that is no name for a tensor: one that is empty or endless, that leads elsewhere when it is taken
    as a path, or that holds control characters or half characters. None when all are fine."""
    names = list(names)
    together = " ".join(names)  # one look at all of them, for there are thousands
    if together.isascii():
        is_plain = len(together.encode().translate(None, _UNUSUAL)) == len(together)
    else:
        is_plain = together.isprintable() and "/" not in together and "\\" not in together
    if is_plain and _NO_NAMES.isdisjoint(names) and max(map(len, names), default=0) <= _LONGEST:
        return None
    return next((name for name in names if not _is_name(name)), None)


def _is_name(name: str) -> bool:
    # Printable is asked of ASCII only: words of embeddings may hold joiners, which Python does not call printable.
    has_controls = any(letter < " " or "\x7f" <= letter <= "\x9f" or "\ud800" <= letter <= "\udfff" for letter in name)
    return 0 < len(name) <= _LONGEST and not has_controls and not _PATH.search(name)


def _escaped(text: str) -> str:
    return text.encode("unicode_escape", "backslashreplace").decode("ascii")
