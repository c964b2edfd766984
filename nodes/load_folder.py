"""Nodes that give what lies in a folder, one file after the other. A file is opened only when its turn comes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import diffusion
import pictures
from graph.api import (
    IMAGE_EXTENSIONS,
    Each,
    FileNameError,
    Files,
    Item,
    Items,
    Label,
    NodeContext,
    NodeError,
    Number,
    Toggle,
    node,
)
from nodes.folder_listing import LeftOut, Listed, list_folder
from nodes.types import Image, Mask

_MOST = 1_000_000
_NO_MASK = 64
"""Height and width of the mask of a picture without transparency, as other tools expect it."""

Folder = Annotated[str, "A folder inside the input folder, such as 'holiday' or 'cats/red'; empty is the input folder"]
Recursive = Annotated[bool, Toggle(), "Look into the folders inside of it, too"]
Start = Annotated[int, Number(0, _MOST, 1), "How many files to leave out at the beginning"]
Limit = Annotated[int, Number(0, _MOST, 1), "How many files to take at most; 0 takes all"]


class Loaded(NamedTuple):
    """A picture of a folder, its transparency and its name."""

    IMAGE: Annotated[Each[Image], "The pictures, one after the other"]
    MASK: Annotated[Each[Mask], "White where the picture is transparent"]
    name: Annotated[Each[str], "The name of the file inside its folder, without the ending"]


def _pictures(files: Files, folder: str, pattern: str, recursive: bool, **options: Any) -> list[Listed]:
    return list_folder(files, folder, pattern, recursive=recursive, suffixes=IMAGE_EXTENSIONS, **options)


def _tell_left_out(ctx: NodeContext) -> LeftOut:
    return lambda name, reason: ctx.warn(f"{name} was left out: {reason}")


def _part(listed: list[Listed], start: int, limit: int) -> list[Listed]:
    return listed[start : start + limit if limit else None]


@contextmanager
def _about_the_folder() -> Iterator[None]:
    """What is wrong with the name of a folder is wrong with that input."""
    try:
        yield
    except FileNameError as error:
        raise NodeError(str(error), input="folder", remedy=error.remedy) from None


def _facts(listed: list[Listed]) -> list[Any]:
    return [[item.name, *item.state] for item in listed]


def _fingerprint_pictures(
    files: Files, folder: str, pattern: str, recursive: bool, start: int, limit: int, on_error: str
) -> object:
    return _facts(_part(_pictures(files, folder, pattern, recursive), start, limit))


def _fingerprint_files(files: Files, folder: str, pattern: str, recursive: bool) -> object:
    return [item.name for item in list_folder(files, folder, pattern, recursive=recursive)]


@node(
    "LoadImagesFromFolder",
    title="Load Images from Folder",
    category="image",
    lane="io",
    aliases=("directory", "batch", "sequence", "frames", "for each"),
    version=2,
    fingerprint=_fingerprint_pictures,
)
def load_images_from_folder(
    *,
    folder: Folder = "",
    pattern: Annotated[str, "Which files, such as '*.png' or 'cat* dog*'; * stands for anything"] = "*",
    recursive: Recursive = False,
    start: Start = 0,
    limit: Limit = 0,
    on_error: Annotated[
        Literal["stop", "skip"],
        "When a file cannot be read: stop the whole run there, or report it and go on with the others",
    ] = "stop",
    ctx: NodeContext,
) -> Loaded:
    """Load all pictures of a folder, one after the other; the nodes after it run once for each picture.

    Ten thousand pictures need hardly more memory than ten, because each is opened when its turn comes. Run it again and
    only new or changed files are worked on. Files come in the order of their names, *2* before *10*.
    """
    with _about_the_folder():
        all_of_them = _pictures(ctx.files, folder, pattern, recursive, left_out=_tell_left_out(ctx))
    if not all_of_them:
        raise NodeError(
            f"no picture in input/{folder} fits {pattern!r}",
            input="folder",
            remedy="put pictures there, or correct the folder's name or the pattern",
        )
    found = _part(all_of_them, start, limit)
    if not found:
        message = f"nothing is left: {start} are left out, and there are {len(all_of_them)} pictures"
        raise NodeError(message, input="start", remedy=f"lower it to {len(all_of_them) - 1} or less")
    skips = on_error == "skip"
    items = (Item((folder, item.name, *item.state), partial(_load, item, skips, ctx)) for item in found)
    return Items(items, len(found), keep_going=skips)  # type: ignore[return-value]


def _load(listed: Listed, skips: bool, ctx: NodeContext) -> Loaded:
    try:
        read = pictures.reading.read(Path(listed.path))
    except pictures.formats.PictureError as error:
        remedy = "take the file out of the folder" if skips else "take it out of the folder, or set on_error to 'skip'"
        raise NodeError(f"{listed.name} cannot be used: {error}", input="folder", remedy=remedy) from None
    for note in read.notes:
        ctx.warn(f"{listed.name}: {note}")
    pixels, alpha = diffusion.pixels.from_pil(read.frames)
    mask = diffusion.masks.empty(1, _NO_MASK, _NO_MASK) if alpha is None else diffusion.masks.invert(alpha)
    return Loaded(pixels, mask, listed.name.rpartition(".")[0])


@node(
    "ForEachFile",
    title="For Each File",
    category="flow/stream",
    lane="io",
    aliases=("folder", "directory", "list files", "loop"),
    fingerprint=_fingerprint_files,
)
def for_each_file(
    *,
    folder: Folder = "",
    pattern: Annotated[str, Label("Pattern"), "Which files, such as '*.txt'; * stands for anything"] = "*",
    recursive: Recursive = False,
    ctx: NodeContext,
) -> Annotated[Each[str], "The names of the files inside the input folder"]:
    """Name the files of a folder, one after the other: the nodes after it run once for each name.

    The names fit the file inputs of other nodes, such as Load Image. For pictures alone, Load Images from Folder does
    both at once.
    """
    with _about_the_folder():
        listed = list_folder(ctx.files, folder, pattern, recursive=recursive, left_out=_tell_left_out(ctx))
    place = folder.strip(" /")
    return Items([f"{place}/{item.name}" if place else item.name for item in listed], len(listed))  # type: ignore[return-value]
