"""Two rules for the names of files, which come from workflow files and so from strangers.

What is there already is read under any name that the system knows and that stays inside its folder: people's files have
names with `:`, `?` or a blank at the end. What is new gets a name that every operating system can hold. Hidden files
are neither read nor written. Whether something is there is not looked at here (see `graph.files.folders`).
"""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath

LONGEST_PART = 200
"""Bytes of one part of a new name; file systems take 255, and a number and an ending come on top."""
MOST_PARTS = 16
"""How many folders deep a new name may lead: with parts of that length, systems take no more in all."""
LONGEST_NAME = 900
"""Bytes of all parts of a name that words are filled in to: it is told in addresses, where a byte may take three."""

_LONGEST_THERE = 255
"""Bytes of one part of a name that is there already."""

_UNFIT = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f\ud800-\udfff]')
_DEVICE_NAMES = {"con", "prn", "aux", "nul", "conin$", "conout$"}
_DEVICE_NAMES |= {f"{word}{digit}" for word in ("com", "lpt") for digit in "123456789¹²³"}
_INSTEAD = "picture"


class FileNameError(ValueError):
    """A file name is unsafe, or names nothing in its folder: then it `is_missing`."""

    def __init__(self, message: str, remedy: str, *, is_missing: bool = False) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.is_missing = is_missing


def inside_name(name: str) -> PurePosixPath:
    """`name` as a relative path to something that is there: it goes down only, and not into what is hidden.

    Raises `FileNameError` for any other.
    """
    if os.name == "nt":  # where the names that are refused to new files mean other things
        return safe_name(name, _LONGEST_THERE)
    if not name or "\0" in name or name.startswith("/"):
        raise FileNameError(f"{name!r} is not a relative file name", "use a name inside the folder, such as 'cats/red'")
    path = PurePosixPath(name)
    if not path.parts or not is_unicode(name):
        raise FileNameError(f"{name!r} is not a file name", "use a name such as 'cats/red'")
    for part in path.parts:
        if part == "..":
            raise FileNameError(f"{name!r} leads out of the folder", "use a name inside the folder, such as 'cats/red'")
        if part.startswith("."):
            raise FileNameError(f"{name!r} is hidden, because {part!r} begins with a dot", "rename it without the dot")
    return path


def safe_name(name: str, longest: int = LONGEST_PART) -> PurePosixPath:
    """`name` as a relative path for a new file that stays where it is put, on every operating system.

    Raises `FileNameError` for any other, with a remedy that names one which would be taken.
    """
    fault = fault_of(name, longest)
    if fault:
        shown = name if len(name) <= LONGEST_PART else name[:60] + "..."
        raise FileNameError(f"{shown!r} {fault}", f"use a name such as {mended_name(name)!r}")
    return PurePosixPath(name)


def fault_of(name: str, longest: int = LONGEST_PART) -> str:
    """What is wrong with the name of a new file whose parts have so many bytes at most; '' if nothing is."""
    if not name or "\0" in name or "\\" in name or name.startswith(("/", "~")) or re.match(r"^[A-Za-z]:", name):
        return "is not a relative file name"
    parts = PurePosixPath(name).parts
    if not parts or not is_unicode(name):
        return "is not a file name"
    if len(parts) > MOST_PARTS:
        return f"leads through more than {MOST_PARTS} folders"
    return next((fault for part in parts if (fault := _fault_of_part(part, longest))), "")


def _fault_of_part(part: str, longest: int) -> str:
    if part.startswith(".") and part.strip("."):
        return "would be hidden, because a part of it begins with a dot"
    if part != part.rstrip(" .") or is_device(part):
        return "is not a safe file name"
    if _UNFIT.search(part):
        return "has characters that file names cannot hold"
    return "has a part that is too long" if len(part.encode()) > longest else ""


def is_device(part: str) -> bool:
    """Whether Windows takes a name for a device, whatever its ending is."""
    return part.split(".")[0].strip().lower() in _DEVICE_NAMES


def is_unicode(name: str) -> bool:
    """Whether a name can be written as UTF-8; JSON can hold halves of surrogate pairs, and folders any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def mended_name(name: str) -> str:
    """The safe name that is most like `name`."""
    parts = [mended_part(part) for part in re.split(r"[\\/]", name) if part.strip(" .~")]
    return "/".join(parts[-MOST_PARTS:]) or _INSTEAD


def mended_part(part: str, instead: str = _INSTEAD) -> str:
    """One part of a name as every system can hold it: unfit characters replaced, and cut at the border of one."""
    part = cut(_UNFIT.sub("_", part).lstrip(" .~").rstrip(" ."), LONGEST_PART)
    return cut(f"_{part}", LONGEST_PART) if is_device(part) else part or instead


def cut(text: str, most: int) -> str:
    """The beginning of a text in at most so many bytes of UTF-8: no half character, and no blank or dot at its end."""
    data = text.encode("utf-8", "replace")
    return text if len(data) <= most else data[:most].decode("utf-8", "ignore").rstrip(" .")
