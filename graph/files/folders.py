"""The folders that nodes may read and write, by names that cannot escape them.

A folder kind ("checkpoints", "input", "output") has one or more roots. Names come from workflow files, that is from
strangers; `graph.files.name_rules` says which names are allowed. A folder lists exactly what can be opened. Links in
model folders are followed wherever they lead, because people keep models on other disks. Links out of the folders of
pictures are not.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import stat
import tempfile
import time
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from graph.files.file_kinds import AnyKind, FileKinds
from graph.files.listing import LEADS_NOWHERE, NO_FILE, NOT_READABLE, LeftOut, Lister, Listing, in_words, is_inside
from graph.files.name_rules import FileNameError, inside_name, safe_name

__all__ = ["FileNameError", "Files", "make_private", "safe_name", "write_atomically"]

MODEL_EXTENSIONS = frozenset({".safetensors", ".sft", ".gguf", ".ckpt", ".pt", ".pt2", ".pth", ".bin", ".pkl"})
IMAGE_EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
MODEL_FOLDER_FILES = ("model_index.json", "config.json")
"""A folder that holds one of these is one model in diffusers layout, not a folder of models."""
CLOSED = frozenset({"input", "output", "temp"})
"""The folder kinds whose links may not lead outside: nodes and uploads fill them, and the server serves them."""

_ANNOTATION = re.compile(r"^(?P<name>.*) \[(?P<folder>input|output|temp)\]$", re.DOTALL)

_FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
"""Composed and decomposed accents."""
_FRESH = 2.0
"""Seconds for which a listing may be reused in error messages."""


@dataclass(frozen=True, slots=True)
class Files:
    """The folders of one installation: folder kind -> roots, the first of which is written to."""

    roots: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    bundled: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    """Folder kind -> name -> path of files that come with Jacquard, as long as they are there; a user's file of the
    same name takes precedence."""
    kinds: FileKinds = field(default_factory=AnyKind, repr=False, compare=False)
    """Tells what model files are."""
    _lister: Lister = field(default_factory=Lister, repr=False, compare=False)
    _listed: dict[tuple[str, Collection[str]], tuple[float, Listing]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def choices(self, folder: str, fits: Sequence[str] = ()) -> list[str]:
        """Return the names of a folder kind that can be chosen, sorted, bundled ones first."""
        return list(self.listing(folder, fits).names)

    def listing(self, folder: str, fits: Sequence[str] = ()) -> Listing:
        """Return the names of a folder kind that can be chosen, and what was left out, with the reason.

        With `fits`, only files of these kinds can be; such a question may take seconds when it is the first one.
        """
        listing, paths = self.located(folder)
        if fits:
            reasons = zip(listing.names, self.kinds.unfit([paths[name] for name in listing.names], fits), strict=True)
            unfit = {name: LeftOut(name, why) for name, why in reasons if why}
            names = tuple(name for name in listing.names if name not in unfit)
            listing = Listing(names, (*listing.left_out, *unfit.values()))
        self._listed[folder, tuple(fits)] = time.monotonic(), listing
        return listing

    def located(self, folder: str) -> tuple[Listing, dict[str, Path]]:
        """Return the listing of a folder kind, and the path of each of its names; links stay as they are."""
        closed = folder in CLOSED
        suffixes, markers = (IMAGE_EXTENSIONS, ()) if closed else (MODEL_EXTENSIONS, MODEL_FOLDER_FILES)
        roots = self.roots.get(folder, ())
        found = [self._lister.list(root, suffixes, markers=markers, follow=not closed) for root in roots]
        paths = self.bundled_files(folder)
        if closed:  # a folder of pictures is opened by its name, and is none of them
            paths = {name: path for name, path in paths.items() if not path.is_dir()}
        names = dict.fromkeys(paths)
        names.update(dict.fromkeys(sorted({name for each in found for name in each.names})))
        left_out = {item.name: item for each in found for item in each.left_out if item.name not in names}
        for root, each in reversed(list(zip(roots, found, strict=True))):
            paths |= {name: root / name for name in each.names}  # the first root counts
        return Listing(tuple(names), tuple(left_out.values())), paths

    def bundled_files(self, folder: str) -> dict[str, Path]:
        """Return the files of a folder kind that come with Jacquard and are there."""
        return {name: path for name, path in self.bundled.get(folder, {}).items() if path.exists()}

    def lately_listed(self, folder: str, fits: Sequence[str] = ()) -> Listing:
        """Return a listing that may be a moment old, for error messages."""
        when, listing = self._listed.get((folder, tuple(fits)), (0.0, None))
        return listing if listing is not None and time.monotonic() - when < _FRESH else self.listing(folder, fits)

    def forget_listings(self) -> None:
        """Forget all listings: a file was added, and not every file system reports that."""
        self._lister.forget()
        self._listed.clear()

    def path(self, folder: str, name: str) -> Path:
        """Return the existing file or model folder called `name`; raises `FileNameError` with a remedy.

        A name of the input folder may name another folder, as in `"cat_00001_.png [output]"`.
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
        bundled = self.bundled.get(folder, {}).get(name)
        if bundled is not None and bundled.exists():
            return bundled
        if refusal is not None:
            raise refusal
        message = f"there is no {name!r} in {folder}/"
        raise FileNameError(message, f"put the file into {folder}/, or choose another", is_missing=True)

    def root(self, folder: str) -> Path:
        """Return the folder for new files of this kind; make it if it is missing."""
        try:
            root = self.roots[folder][0]
        except (KeyError, IndexError):
            raise FileNameError(f"no folder is set up for {folder!r}", "choose an output folder") from None
        try:
            make_private(root)  # pictures are private
        except OSError as error:
            message = f"the folder {folder}/ cannot be made: {in_words(error)}"
            raise FileNameError(message, "make it, with the right to write into it, or choose another") from error
        return root

    def refusal_to_write(self, folder: str, inside: PurePosixPath) -> FileNameError | None:
        """Return why no new file can be written into a folder below a root; None if one can. Makes nothing."""
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
    """Return a name in all Unicode normal forms: archives carry files between systems that use different ones.

    Raises `FileNameError` for a name that no existing file may have.
    """
    inside = inside_name(name)
    if name.isascii():
        return [inside]
    alike = [inside_name(unicodedata.normalize(form, name)) for form in _FORMS]
    return list(dict.fromkeys([inside, *alike]))


def _existing(root: Path, inside: PurePosixPath, name: str, folder: str) -> Path | None:
    """Return the path of an existing file, or None (also for names that are too long). Raises for unusable files."""
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
    """Make a folder and its missing parents for their owner only, whatever the umask. Raises `OSError`."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)  # with `parents=True` the parents would get the mode of the umask
    except FileNotFoundError:
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def write_atomically(path: Path, data: bytes, *, overwrite: bool = False, mode: int = 0o644) -> None:
    """Write a whole file or nothing: a temporary file beside it, fsync, then rename or link into place.

    Without `overwrite` an existing file is kept and `FileExistsError` raised, also when two processes race. Missing
    folders are made private.
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
        with contextlib.suppress(OSError):  # the file is in place, or the error below says more
            Path(temporary).unlink(missing_ok=True)
    sync_folder(path.parent)


def _move_without_overwriting(temporary: str, path: Path) -> None:
    try:
        os.link(temporary, path)  # fails when the name is taken, so nothing is overwritten
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


def sync_folder(folder: Path) -> None:
    """Sync the entries of a folder to disk."""
    if os.name != "posix":
        return  # Windows cannot open folders; NTFS journals the rename
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def holds(path: Path, data: bytes) -> bool:
    """Return whether a file has these bytes; False when it is missing or cannot be read."""
    try:
        return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:  # somebody moved it
        return False
