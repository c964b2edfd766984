"""Pictures given by path on the command line: copies them into the input folder.

The copy gets a name that every system allows. A file that cannot be read or copied is an error that says why.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from graph.base.errors import Problem, WorkflowError
from graph.base.plain_files import read_plain
from graph.files.folders import IMAGE_EXTENSIONS, FileNameError, Files, holds, write_atomically
from graph.files.listing import in_words, shown_name
from graph.files.name_rules import cut, mended_part

_LONGEST_STEM = 160
"""Bytes of a name without extension and number."""
_PATHS = ("/", "./", "../", ".\\", "..\\")
"""A text that begins so is a path and not a name in the input folder."""


def take_file(text: str, files: Files) -> str:
    """Returns the name in the input folder of a picture that may be given by path.

    An existing file at the path is used, even if the input folder or Jacquard itself has a picture of the same name.
    The same bytes are not copied twice, and no file is overwritten. A text that is no path of a file is returned
    unchanged if it may be a name. Raises `WorkflowError`.
    """
    try:
        is_file = stat.S_ISREG(os.stat(text).st_mode)  # noqa: PTH116 - it may be no path at all
        why = "it is no file"
    except (OSError, ValueError) as error:
        is_file, why = False, in_words(error) if isinstance(error, OSError) else "that is no path"
    if not is_file:
        if text.startswith(_PATHS) or Path(text).is_absolute():
            raise _refused(f"there is no picture at {_shown(text)}: {why}", "correct the path")
        return text
    folder = files.root("input").resolve()
    place = Path(text).resolve()
    if place.is_relative_to(folder):
        return place.relative_to(folder).as_posix()
    try:
        data = read_plain(place)
    except OSError as error:
        message = f"{_shown(text)} cannot be read: {in_words(error)}"
        raise _refused(message, "give the user that runs this program the right to read it") from error
    try:
        return _copy(data, *_plain_name(Path(text).name), folder, files)
    except OSError as error:
        message = f"{_shown(text)} cannot be copied into {folder}: {in_words(error)}"
        raise _refused(message, "look at the disk and its rights, or put the picture there yourself") from error


def _copy(data: bytes, stem: str, suffix: str, folder: Path, files: Files) -> str:
    bundled = files.bundled_files("input")
    there: list[tuple[str, Path]] = []
    with contextlib.suppress(OSError):  # a folder that cannot be listed may be writable
        there = [(item.name, item) for item in sorted(folder.iterdir()) if not item.name.startswith(".")]
    offered = {**bundled, **dict(there)}  # the user's own pictures hide bundled ones of the same name
    for name in sorted(offered, key=lambda name: name != stem + suffix):
        if name.endswith(suffix) and holds(offered[name], data) and _can_be_opened(name, files):
            return name
    for number in range(10_000):
        name = f"{stem} ({number}){suffix}" if number else stem + suffix
        if name in bundled:
            continue  # a copy of that name would hide it in every workflow
        with contextlib.suppress(FileExistsError):
            write_atomically(folder / name, data)
            return name
    raise _refused(f"{folder} holds ten thousand files named like {stem + suffix}", "give the picture another name")


def _plain_name(name: str) -> tuple[str, str]:
    """Returns stem and extension of a similar name that every system allows."""
    suffix = Path(name).suffix
    if suffix.lower() not in IMAGE_EXTENSIONS:
        suffix = ""
    return mended_part(cut(name.removesuffix(suffix), _LONGEST_STEM)), suffix


def _can_be_opened(name: str, files: Files) -> bool:
    try:
        return files.path("input", name).is_file()
    except FileNameError:
        return False


def _shown(text: str) -> str:
    return repr(shown_name(text if len(text) <= 1_000 else text[:200] + "..."))


def _refused(message: str, remedy: str) -> WorkflowError:
    return WorkflowError([Problem("bad_override", message, remedy=remedy)])
