"""The folders that nodes may read and write, behind names that cannot escape them.

A folder kind ("checkpoints", "input", "output") has one or more roots. Names come from workflow files, so from
strangers: they are resolved under a root and refused when they would leave it, symbolic links included.
"""

from __future__ import annotations

import itertools
import os
import re
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

MODEL_EXTENSIONS = frozenset({".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".sft"})
IMAGE_EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
FOLDER_MARKS = ("model_index.json", "config.json")
"""A folder that holds one of these is one model in diffusers layout, not a folder of models."""

_ANNOTATION = re.compile(r"^(?P<name>.*) \[(?P<folder>input|output|temp)\]$")
_DEVICE_NAMES = {"con", "prn", "aux", "nul", "conin$", "conout$"}
_DEVICE_NAMES |= {f"{word}{digit}" for word in ("com", "lpt") for digit in "123456789¹²³"}

_LAST = 16
"""More files than a killed process could have left without having told of them."""


class FileNameError(ValueError):
    """A file name is unsafe, or names nothing in its folder."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Files:
    """The folders of one installation: folder kind -> roots, the first of which is written to."""

    roots: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    bundled: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    """Folder kind -> name -> path of what comes with Jacquard; a user's file of the same name wins."""

    def choices(self, folder: str) -> list[str]:
        """The names that may be chosen for a folder kind, sorted, bundled ones first."""
        names = dict.fromkeys(self.bundled.get(folder, {}))
        found: set[str] = set()
        for root in self.roots.get(folder, ()):
            found.update(_entries(root, IMAGE_EXTENSIONS if folder == "input" else MODEL_EXTENSIONS))
        names.update(dict.fromkeys(sorted(found)))
        return list(names)

    def path(self, folder: str, name: str) -> Path:
        """The existing file or model folder that `name` means; raises `FileNameError` with a remedy.

        A name of the input folder may carry another folder, as in `"cat_00001_.png [output]"`.
        """
        if folder == "input" and (match := _ANNOTATION.match(name)):
            name, folder = match["name"], match["folder"]
        inside = safe_name(name)
        for root in self.roots.get(folder, ()):
            candidate = _existing(root / inside)
            if candidate is not None:
                if not candidate.is_relative_to(root.resolve()):
                    raise FileNameError(f"{name!r} leaves its folder", f"copy the file itself into {folder}/")
                return candidate
        if name in self.bundled.get(folder, {}):
            return self.bundled[folder][name]
        raise FileNameError(f"there is no {name!r} in {folder}/", f"put the file into {folder}/, or choose another")

    def root(self, folder: str) -> Path:
        """The folder that new files of this kind go to; made when it is not there."""
        try:
            root = self.roots[folder][0]
        except (KeyError, IndexError):
            raise FileNameError(f"no folder is set up for {folder!r}", "choose an output folder") from None
        root.mkdir(parents=True, exist_ok=True)
        return root


def safe_name(name: str) -> PurePosixPath:
    """`name` as a relative path that stays where it is put, on every operating system; else `FileNameError`."""
    remedy = "use a plain relative name such as 'pictures/cat'"
    if not name or "\0" in name or "\\" in name or name.startswith(("/", "~")) or re.match(r"^[A-Za-z]:", name):
        raise FileNameError(f"{name!r} is not a relative file name", remedy)
    path = PurePosixPath(name)
    if not path.parts or not _is_unicode(name):
        raise FileNameError(f"{name!r} is not a file name", remedy)
    for part in path.parts:
        if part == ".." or part.split(".")[0].strip().lower() in _DEVICE_NAMES or part != part.rstrip(" ."):
            raise FileNameError(f"{name!r} is not a safe file name", remedy)
        if any(ord(character) < 32 or character in '<>:"|?*' for character in part):
            raise FileNameError(f"{name!r} has characters that file names cannot hold", remedy)
    return path


def _is_unicode(name: str) -> bool:
    """Whether a name can be written as UTF-8; JSON can hold halves of surrogate pairs, file systems cannot."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _existing(path: Path) -> Path | None:
    """Where a path really leads; None when that is nowhere (also: a name too long, links in a circle)."""
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError):
        return None


def write_atomically(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a whole file or nothing: a temporary file beside it, fsync, then rename or link into place.

    Without `overwrite` an existing file is left alone and `FileExistsError` raised, also when two processes race.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        if overwrite:
            os.replace(temporary, path)  # noqa: PTH105 - the same call; here beside link below
        else:
            _move_without_overwriting(temporary, path)
    finally:
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


def _entries(root: Path, extensions: Iterable[str]) -> list[str]:
    """Names of files and model folders under `root`; does not look inside a model folder."""
    names: list[str] = []
    pending = [root] if root.is_dir() else []
    seen: set[Path] = set()  # links may lead in circles
    while pending:
        folder = pending.pop()
        if folder.resolve() in seen:
            continue
        seen.add(folder.resolve())
        for item in folder.iterdir():
            if item.name.startswith("."):
                continue
            if item.is_dir():
                is_model = any((item / mark).is_file() for mark in FOLDER_MARKS)
                if is_model:
                    names.append(item.relative_to(root).as_posix())
                else:
                    pending.append(item)
            elif item.suffix.lower() in extensions:
                names.append(item.relative_to(root).as_posix())
    return names
