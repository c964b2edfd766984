"""A checkpoint by its name in the folders of models, or by its path, for scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

from commands.model_library.opening import open_places
from graph.files.folders import FileNameError, Files

_FOLDERS = ("checkpoints", "diffusers")


@dataclass(frozen=True, slots=True)
class NamedCheckpoint:
    """Where a checkpoint is, what a person set of it, and the folders with tokenizers."""

    path: Path
    override: Mapping[str, str]
    tokenizers: Sequence[Path]


def find_checkpoint(name: str | PathLike[str], files: Files | None = None) -> NamedCheckpoint:
    """Returns the checkpoint of a name in `checkpoints` or `diffusers`, or of a path. Raises `FileNotFoundError`."""
    if files is None:
        places = open_places()
        try:
            return find_checkpoint(name, places.files)
        finally:
            places.library.close()
    path = _named(fspath(name), files) or Path(name)
    if not path.exists():
        known = ", ".join(map(repr, files.lately_listed("checkpoints", ("checkpoint",)).names)) or "none"
        message = f"there is no checkpoint {fspath(name)!r}; give one of {known}, or the path of a file or folder"
        raise FileNotFoundError(message)
    return NamedCheckpoint(path, files.kinds.override(path), files.roots.get("tokenizers", ()))


def _named(name: str, files: Files) -> Path | None:
    for folder in _FOLDERS:
        try:
            return files.path(folder, name)
        except FileNameError:
            continue
    return None
