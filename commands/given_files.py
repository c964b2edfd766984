"""Pictures that are given by their path on the command line: copied into the input folder, as they are now.

Whatever a person's file is called, its copy gets a name that every system can hold. What cannot be read or copied is a
refusal that says why.
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
"""Bytes; an ending and a number come on top."""
_PATHS = ("/", "./", "../", ".\\", "..\\")
"""What begins so is no name in the input folder."""


def take_file(text: str, files: Files) -> str:
    """The name inside the input folder of a picture that may be given by path.

    A file that lies where the path leads is what is meant, as it is now, though the input folder or what comes with
    Jacquard has one of that name. The same bytes are not copied twice, and nothing is overwritten. A text that leads to
    no file is given back where it may be a name. Raises `WorkflowError`.
    """
    try:
        is_file = stat.S_ISREG(os.stat(text).st_mode)  # noqa: PTH116 - it need not be a path at all
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
    bundled = files.bundled.get("input", {})
    there: list[tuple[str, Path]] = []
    with contextlib.suppress(OSError):  # what cannot be listed can perhaps be written all the same
        there = [(item.name, item) for item in sorted(folder.iterdir()) if not item.name.startswith(".")]
    offered = {**bundled, **dict(there)}  # of one name, the user's own wins wherever a name is looked up
    for name in sorted(offered, key=lambda name: name != stem + suffix):
        if name.endswith(suffix) and holds(offered[name], data) and _can_be_opened(name, files):
            return name
    for number in range(10_000):
        name = f"{stem} ({number}){suffix}" if number else stem + suffix
        if name in bundled:
            continue  # a copy of that name would stand in for it in every workflow
        with contextlib.suppress(FileExistsError):
            write_atomically(folder / name, data)
            return name
    raise _refused(f"{folder} holds ten thousand files named like {stem + suffix}", "give the picture another name")


def _plain_name(name: str) -> tuple[str, str]:
    """Stem and ending of a name like this one that every system can hold."""
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
