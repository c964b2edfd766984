"""The folders that nodes may read and write, behind names that cannot escape them.

A folder kind ("checkpoints", "input", "output") has one or more roots. Names come from workflow files, so from
strangers; which names there may be is told in `graph.files.name_rules`. What a folder lists can be opened, and what
cannot be opened is not listed. Links inside of a models folder are followed, wherever they lead: that is how people
keep models on other disks. Out of the folders of pictures they are not.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import stat
import tempfile
import threading
import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from graph.files.listing import LEADS_NOWHERE, NO_FILE, NOT_READABLE, Lister, Listing, in_words, is_inside
from graph.files.name_rules import FileNameError, inside_name, safe_name

__all__ = ["FileNameError", "Files", "NumberedNames", "make_private", "safe_name", "write_atomically"]

MODEL_EXTENSIONS = frozenset({".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".sft"})
IMAGE_EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
MODEL_FOLDER_FILES = ("model_index.json", "config.json")
"""A folder that holds one of these is one model in diffusers layout, not a folder of models."""
CLOSED = frozenset({"input", "output", "temp"})
"""The kinds of folders that links do not lead out of: they are filled by nodes and uploads, and served."""

_ANNOTATION = re.compile(r"^(?P<name>.*) \[(?P<folder>input|output|temp)\]$", re.DOTALL)

_FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
"""Accents and letters as one character, and apart."""
_LAST = 16
"""More files than a killed process could have left without having told of them."""
_FRESH = 2.0
"""Seconds for which a listing is good enough to say what else there is."""


@dataclass(frozen=True, slots=True)
class Files:
    """The folders of one installation: folder kind -> roots, the first of which is written to."""

    roots: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    bundled: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    """Folder kind -> name -> path of what comes with Jacquard; a user's file of the same name wins."""
    _lister: Lister = field(default_factory=Lister, repr=False, compare=False)
    _listed: dict[str, tuple[float, Listing]] = field(default_factory=dict, repr=False, compare=False)

    def choices(self, folder: str) -> list[str]:
        """The names that may be chosen for a folder kind, sorted, bundled ones first."""
        return list(self.listing(folder).names)

    def listing(self, folder: str) -> Listing:
        """The names that may be chosen for a folder kind, and what was left out, with the reason."""
        closed = folder in CLOSED
        suffixes, markers = (IMAGE_EXTENSIONS, ()) if closed else (MODEL_EXTENSIONS, MODEL_FOLDER_FILES)
        found = [
            self._lister.list(root, suffixes, markers=markers, follow=not closed) for root in self.roots.get(folder, ())
        ]
        names = dict.fromkeys(self.bundled.get(folder, {}))
        names.update(dict.fromkeys(sorted({name for each in found for name in each.names})))
        left_out = {item.name: item for each in found for item in each.left_out if item.name not in names}
        listing = Listing(tuple(names), tuple(left_out.values()))
        self._listed[folder] = time.monotonic(), listing
        return listing

    def lately_listed(self, folder: str) -> Listing:
        """As `listing`, perhaps of a moment ago: to say what else there is to a name that is not there."""
        when, listing = self._listed.get(folder, (0.0, None))
        return listing if listing is not None and time.monotonic() - when < _FRESH else self.listing(folder)

    def look_anew(self) -> None:
        """List every folder as it is now, whatever the file system tells of changes: a file was put there."""
        self._lister.forget()
        self._listed.clear()

    def path(self, folder: str, name: str) -> Path:
        """The existing file or model folder that `name` means; raises `FileNameError` with a remedy.

        A name of the input folder may carry another folder, as in `"cat_00001_.png [output]"`.
        """
        if folder == "input" and (match := _ANNOTATION.match(name)):
            name, folder = match["name"], match["folder"]
        spellings = _spellings(name)
        refusal: FileNameError | None = None
        for root, inside in itertools.product(self.roots.get(folder, ()), spellings):
            try:
                found = _existing(root, inside, name, folder)
            except FileNameError as error:
                refusal = refusal or error
            else:
                if found is not None:
                    return found
        if name in self.bundled.get(folder, {}):
            return self.bundled[folder][name]
        if refusal is not None:
            raise refusal
        message = f"there is no {name!r} in {folder}/"
        raise FileNameError(message, f"put the file into {folder}/, or choose another", is_missing=True)

    def root(self, folder: str) -> Path:
        """The folder that new files of this kind go to; made when it is not there."""
        try:
            root = self.roots[folder][0]
        except (KeyError, IndexError):
            raise FileNameError(f"no folder is set up for {folder!r}", "choose an output folder") from None
        try:
            make_private(root)  # pictures are
        except OSError as error:
            message = f"the folder {folder}/ cannot be made: {in_words(error)}"
            raise FileNameError(message, "make it, with the right to write into it, or choose another") from error
        return root

    def refusal_to_write(self, folder: str, inside: PurePosixPath) -> FileNameError | None:
        """Why no new file can be written into a folder, or one inside of it; None if it can be. Makes nothing."""
        if not self.roots.get(folder):
            return FileNameError(f"no folder is set up for {folder!r}", "choose an output folder")
        root = self.roots[folder][0]
        place, shown = root / inside, f"{folder}/{inside}" if inside.parts else f"{folder}/"
        if not is_inside(place, root):
            return FileNameError(f"the folder {shown} leads out of {folder}/", "choose another folder")
        while not os.path.lexists(place) and place != place.parent:
            place = place.parent
        if os.path.islink(place) and not os.path.exists(place):  # noqa: PTH110, PTH114 - a `Path` may raise here
            return FileNameError(f"{shown} cannot be written: {LEADS_NOWHERE}", "make the link anew, or remove it")
        if not os.path.isdir(place):  # noqa: PTH112
            return FileNameError(f"{shown} is no folder: a file lies in its place", "move the file, or choose another")
        if not os.access(place, os.W_OK | os.X_OK):
            remedy = "give the user that runs this program the right to write there, or choose another folder"
            return FileNameError(f"nothing can be written into {shown}", remedy)
        return None


def _spellings(name: str) -> list[PurePosixPath]:
    """A name, and the same one with its accents written as other systems do: archives carry files from one to another.

    Raises `FileNameError` for one that is no name of what is there.
    """
    inside = inside_name(name)
    if name.isascii():
        return [inside]
    alike = [inside_name(unicodedata.normalize(form, name)) for form in _FORMS]
    return list(dict.fromkeys([inside, *alike]))


def _existing(root: Path, inside: PurePosixPath, name: str, folder: str) -> Path | None:
    """Where a name leads; None when that is nowhere (also: a name too long). Raises for what is there and is no use."""
    path = root / inside
    closed = folder in CLOSED
    try:
        mode = path.stat().st_mode
        if closed:
            if not is_inside(path, root):
                raise FileNameError(f"{name!r} leaves its folder", f"copy the file itself into {folder}/")
            path = path.resolve(strict=True)
    except PermissionError:
        raise _unreadable(name, folder) from None
    except (OSError, RuntimeError):
        if os.path.islink(path):  # noqa: PTH114 - a `Path` raises where the name is too long
            message = f"{name!r} in {folder}/ cannot be used: {LEADS_NOWHERE}"
            raise FileNameError(message, "make the link anew, or put the file itself there") from None
        return None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise FileNameError(f"{name!r} in {folder}/ cannot be used: {NO_FILE}", "choose a file")
    if not os.access(path, os.R_OK | (os.X_OK if stat.S_ISDIR(mode) else 0)):
        raise _unreadable(name, folder)
    return path


def _unreadable(name: str, folder: str) -> FileNameError:
    message = f"{name!r} in {folder}/ cannot be used: {NOT_READABLE}"
    return FileNameError(message, "give the user that runs this program the right to read it")


def make_private(folder: Path) -> None:
    """Make a folder, and those missing around it, for their owner only, whatever the umask. Raises `OSError`."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)  # with `parents` those around it would get what the umask leaves
    except FileNotFoundError:
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def write_atomically(path: Path, data: bytes, *, overwrite: bool = False, mode: int = 0o644) -> None:
    """Write a whole file or nothing: a temporary file beside it, fsync, then rename or link into place.

    Without `overwrite` an existing file is left alone and `FileExistsError` raised, also when two processes race.
    Folders that are missing are made private.
    """
    make_private(path.parent)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        if overwrite:
            os.replace(temporary, path)  # noqa: PTH105 - the same call; here beside link below
        else:
            _move_without_overwriting(temporary, path)
    finally:
        with contextlib.suppress(OSError):  # what counts is in its place, or has failed with more to say
            Path(temporary).unlink(missing_ok=True)
    _sync_folder(path.parent)


def _move_without_overwriting(temporary: str, path: Path) -> None:
    try:
        os.link(temporary, path)  # fails when the name is taken, so nothing is ever overwritten
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links (FAT, some network shares): reserve the name, then replace the empty file.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        try:
            os.replace(temporary, path)  # noqa: PTH105
        except OSError:
            path.unlink()
            raise


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows cannot open folders; NTFS journals the rename
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class NumberedNames:
    """Hands out `<prefix>_00001_.png`, `<prefix>_00002_.png` ... and never a name that exists.

    A folder is listed once per prefix in the life of the process; after that the counter goes on by itself, and a
    name that someone else took meanwhile is stepped over when writing it fails.
    """

    def __init__(self) -> None:
        self._next: dict[tuple[Path, str], itertools.count[int]] = {}
        self._left: dict[tuple[Path, str], list[Path]] = {}
        """The last files that were there at first, and that nobody has taken for his own."""
        self._lock = threading.Lock()

    def write(self, folder: Path, prefix: str, suffix: str, data: bytes, *, names_its_run: bool = False) -> Path:
        """Write `data` under the next free number; returns where it went.

        With `names_its_run`, `data` is like that of no other run: one of the last files that were there when this
        process came, with the same bytes, is the very one. The process before was killed before it could tell of it.
        """
        folder.mkdir(parents=True, exist_ok=True)  # here, so that a file in its place is not taken for a taken number
        counter = self._next.get((folder, prefix))
        if counter is None:
            there = _numbered(folder, prefix)
            self._left.setdefault((folder, prefix), [path for _, path in there[-_LAST:]])
            counter = self._next.setdefault((folder, prefix), itertools.count(there[-1][0] + 1 if there else 1))
        if names_its_run:
            with self._lock:
                left = self._left[folder, prefix]
                found = next((path for path in left if holds(path, data)), None)
                if found is not None:
                    left.remove(found)  # of two equal pictures each has its own
                    return found
        while True:
            path = folder / f"{prefix}_{next(counter):05}_{suffix}"
            try:
                write_atomically(path, data)
            except FileExistsError:
                continue
            return path


def _numbered(folder: Path, prefix: str) -> list[tuple[int, Path]]:
    """The numbered files of a prefix, by number."""
    pattern = re.compile(re.escape(prefix) + r"_(\d+)_?\.[^.]+$")
    if not folder.is_dir():
        return []
    found = ((pattern.match(entry.name), entry.path) for entry in os.scandir(folder))
    return sorted((int(match[1]), Path(path)) for match, path in found if match)


def holds(path: Path, data: bytes) -> bool:
    """Whether a file has these bytes; one that is gone or cannot be read has not."""
    try:
        return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:  # somebody moved it
        return False
