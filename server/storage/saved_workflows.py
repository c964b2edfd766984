"""Saved workflows: files in one folder, written atomically, with their earlier versions in another folder.

A name is a relative path; ".json" is added if it is missing. A client may name the version that it saw (an ETag), and
is refused if that is not the newest. Saving the same content again is never refused: the answer to the first save may
have been lost. A version is kept whenever a save or a delete would lose it; of each workflow the newest `KEPT_VERSIONS`
stay, by the order in which they were kept, whatever the clock says.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from graph.base.errors import cut
from graph.base.plain_files import NotPlainError, open_plain, read_plain
from graph.document.literals import MOST_IN_TITLE
from graph.files.folders import write_atomically
from graph.files.listing import Lister
from graph.files.name_rules import inside_name, safe_name
from server.errors import ApiError, not_found
from server.shapes.files import LeftOut
from server.shapes.workflows import SavedWorkflow, Workflows, WorkflowVersion
from server.storage.set_aside import set_aside

KEPT_VERSIONS = 50
_SUFFIX = ".json"
_VERSION = re.compile(r"\d{1,15}-[0-9a-f]{6}")
_GAP = re.compile(r"[\s,:]*")
READ_WHOLE, BEGINNING = 2**19, 2**16
"""Bytes. Parsing more JSON would block other requests: see `server.runs.large_bodies`."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved workflow: its path, its bytes, and its ETag."""

    path: str
    data: bytes
    modified: float
    etag: str = field(init=False)
    """Computed once, where the bytes are read: they may be many."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "etag", etag(self.data))


def etag(data: bytes) -> str:
    """Returns the ETag of bytes."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


class SavedWorkflows:
    """The workflows of one folder. Blocks: call it off the event loop. Changes are made one at a time."""

    def __init__(self, folder: Path, versions: Path) -> None:
        self._folder = folder
        self._versions = versions
        self._changing = threading.Lock()
        self._lister = Lister()
        self._titles: dict[tuple[str, float, int], str] = {}

    def overview(self) -> Workflows:
        """Lists the workflows by path, and the files that are left out."""
        found = []
        listing = self._lister.list(self._folder, (_SUFFIX,))
        for path in listing.names:
            file = self._folder / path
            with contextlib.suppress(OSError):  # removed meanwhile
                status = file.stat()
                title = self._title(file, path, status.st_mtime, status.st_size)
                found.append(SavedWorkflow(path=path, title=title, modified=status.st_mtime, bytes=status.st_size))
        left_out = [LeftOut(name=each.name, reason=each.reason) for each in listing.left_out]
        return Workflows(workflows=found, left_out=left_out)

    def read(self, name: str) -> Saved:
        """Reads a workflow."""
        path, file = self._resolve(name)
        try:
            return Saved(path, read_plain(file), file.stat().st_mtime)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError, NotPlainError):
            raise not_found(f"workflow {name!r}") from None

    def save(self, name: str, data: bytes, *, if_match: str | None = None, only_new: bool = False) -> Saved:
        """Saves a workflow, unless another version than the expected one is there."""
        path, file = self._resolve(name)
        with self._changing:
            before = read_plain(file) if file.is_file() else None
            if before != data:
                self._refuse_conflict(before, if_match, only_new=only_new)
                if before is not None:
                    self._store_version(path, before)
                self._write(file, name, data)
            return Saved(path, data, file.stat().st_mtime)

    def delete(self, name: str, if_match: str | None = None) -> None:
        """Moves a workflow to its versions."""
        with self._changing:
            saved = self.read(name)
            self._refuse_conflict(saved.data, if_match, only_new=False)
            self._store_version(saved.path, saved.data)
            (self._folder / saved.path).unlink()

    def versions(self, name: str) -> list[WorkflowVersion]:
        """Lists the earlier versions of a workflow, newest first."""
        path, _ = self._resolve(name)
        return [
            WorkflowVersion(id=file.stem, modified=_stamp(file) / 1000, bytes=file.stat().st_size)
            for file in self._version_files(path)
        ]

    def version(self, name: str, version: str) -> Saved:
        """Reads an earlier version of a workflow."""
        path, _ = self._resolve(name)
        for file in self._version_files(path):
            if file.stem == version:
                return Saved(path, read_plain(file), int(version.split("-")[0]) / 1000)
        raise not_found(f"version {version!r} of {path!r}")

    def _resolve(self, name: str) -> tuple[str, Path]:
        path = inside_name(name if name.endswith(_SUFFIX) else name + _SUFFIX)
        file = self._folder / path
        if not os.path.isfile(file):  # noqa: PTH113 - what is there has its name already; a `Path` may raise here
            safe_name(path.as_posix())
            if len(path.as_posix()) > 200:
                raise ApiError(
                    400, "bad_name", f"{name!r} cannot be the name of a workflow.", "Choose a short, plain name."
                )
        try:
            leads_out = not file.resolve().is_relative_to(self._folder.resolve())
        except RuntimeError:  # links in a circle, of which Python says nothing else before 3.13
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(file)) from None
        if leads_out:
            raise ApiError(400, "bad_name", f"{name!r} leads out of the folder.", "Choose another name.")
        return path.as_posix(), file

    def _refuse_conflict(self, before: bytes | None, if_match: str | None, *, only_new: bool) -> None:
        remedy = "Load the newest version and merge, or save under another name."
        if only_new and before is not None:
            raise ApiError(412, "exists", "There is a workflow of this name.", remedy)
        if if_match is not None and (before is None or (if_match != "*" and etag(before) not in _tags(if_match))):
            raise ApiError(412, "changed_meanwhile", "Someone else changed this workflow meanwhile.", remedy)

    def _write(self, file: Path, name: str, data: bytes) -> None:
        _make_way(self._folder)
        try:
            write_atomically(file, data, overwrite=True)
        except (IsADirectoryError, NotADirectoryError, FileExistsError):
            raise ApiError(
                400, "bad_name", f"{name!r} cannot be saved: a folder has that name, or a file that of its folder.",
                "Choose another name.",
            ) from None  # fmt: skip

    def _store_version(self, path: str, data: bytes) -> None:
        folder, there = self._versions / f"{path}.versions", self._version_files(path)
        for place in (self._versions, *reversed(folder.relative_to(self._versions).parents), folder):
            _make_way(self._versions / place)
        after = _stamp(there[0]) + 1 if there else 0  # the clock may have been set back
        name = f"{max(time.time_ns() // 10**6, after):015d}-{uuid.uuid4().hex[:6]}{_SUFFIX}"
        write_atomically(folder / name, data)
        for old in there[KEPT_VERSIONS - 1 :]:
            with contextlib.suppress(OSError):  # a folder of that name, or a disk that fails: the next time
                old.unlink(missing_ok=True)

    def _version_files(self, path: str) -> list[Path]:
        folder = self._versions / f"{path}.versions"
        found = folder.glob(f"[0-9]*{_SUFFIX}") if folder.is_dir() else ()
        return sorted((file for file in found if _VERSION.fullmatch(file.stem)), reverse=True)

    def _title(self, file: Path, path: str, modified: float, size: int) -> str:
        key = (path, modified, size)
        if key not in self._titles:
            try:
                title = title_of(file, size)
            except (OSError, ValueError, AttributeError, RecursionError):
                title = ""
            if len(self._titles) > 5_000:
                self._titles.clear()
            self._titles[key] = cut(title, MOST_IN_TITLE) if isinstance(title, str) else ""
        return self._titles[key]


def title_of(file: Path, size: int) -> object:
    """Returns the title in a workflow file; of a large file only the beginning, which has the title, is read."""
    if size <= READ_WHOLE:
        return json.loads(read_plain(file)).get("title", "")
    with open_plain(file) as opened:
        text = opened.read(BEGINNING).decode("utf-8-sig", "ignore")
    decoder = json.JSONDecoder()
    at = _GAP.match(text, text.index("{") + 1).end()  # type: ignore[union-attr]  # which matches nothing, too
    while True:
        key, at = decoder.raw_decode(text, at)
        value, at = decoder.raw_decode(text, _GAP.match(text, at).end())  # type: ignore[union-attr]
        if key == "title":
            return value
        at = _GAP.match(text, at).end()  # type: ignore[union-attr]


def _stamp(version: Path) -> int:
    """Returns when a version was kept, in milliseconds."""
    return int(version.stem.split("-")[0])


def _make_way(folder: Path) -> None:
    """Sets aside a file that is in the place of a folder."""
    if not folder.is_dir() and (folder.exists() or folder.is_symlink()):
        set_aside(folder)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
