"""The rules for names of existing and of new files. Names come from workflow files, that is from strangers.

An existing file may have any name that the system knows and that stays inside its folder: people's files have names
with `:`, `?` or a space at the end. A new file gets a name that every operating system accepts. Hidden files are
neither read nor written. Whether a file exists is not checked here (see `graph.files.folders`).
"""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath

LONGEST_PART = 200
"""Bytes of one part of a new name; file systems allow 255, and a number and a suffix are added."""
MOST_PARTS = 16
"""The most folders in a new name: with parts of that length, systems allow no more in total."""
LONGEST_NAME = 900
"""Bytes of all parts of a filled-in name: it becomes a part of URLs, where a byte may take three."""

_LONGEST_THERE = 255
"""Bytes of one part of an existing name."""

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
    """Return `name` as a relative path to an existing file: it stays inside its folder and names nothing hidden.

    Raises `FileNameError` for any other name.
    """
    if os.name == "nt":  # here, names that are refused for new files mean devices and streams
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
    """Return `name` as a relative path for a new file, safe on every operating system.

    Raises `FileNameError` for any other name, with a remedy that suggests a valid one.
    """
    fault = fault_of(name, longest)
    if fault:
        shown = name if len(name) <= LONGEST_PART else name[:60] + "..."
        raise FileNameError(f"{shown!r} {fault}", f"use a name such as {mended_name(name)!r}")
    return PurePosixPath(name)


def fault_of(name: str, longest: int = LONGEST_PART) -> str:
    """Return what is wrong with the name of a new file whose parts have at most `longest` bytes; '' if nothing is."""
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
    """Return whether Windows takes a name for a device, whatever its suffix."""
    return part.split(".")[0].strip().lower() in _DEVICE_NAMES


def is_unicode(name: str) -> bool:
    """Return whether a name can be written as UTF-8. JSON can hold lone surrogates, folders can hold any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def mended_name(name: str) -> str:
    """Return the safe name that is most similar to `name`."""
    parts = [mended_part(part) for part in re.split(r"[\\/]", name) if part.strip(" .~")]
    return "/".join(parts[-MOST_PARTS:]) or _INSTEAD


def mended_part(part: str, instead: str = _INSTEAD) -> str:
    """Return one part of a name with invalid characters replaced, cut to its maximum length."""
    part = cut(_UNFIT.sub("_", part).lstrip(" .~").rstrip(" ."), LONGEST_PART)
    return cut(f"_{part}", LONGEST_PART) if is_device(part) else part or instead


def cut(text: str, most: int) -> str:
    """Cut a text to some bytes of UTF-8, at the border of a character, without a space or dot at its end."""
    data = text.encode("utf-8", "replace")
    return text if len(data) <= most else data[:most].decode("utf-8", "ignore").rstrip(" .")
