"""Receives uploads: streams them into a temporary file of limited size, checks the picture, and gives it a free name.

The same bytes in the same folder get the same name, whatever the client called them.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from aiohttp import web

import pictures
from graph.base.plain_files import open_plain
from graph.files.folders import IMAGE_EXTENSIONS, Files
from graph.files.listing import is_inside
from graph.files.name_rules import cut, inside_name, is_unicode, mended_part, safe_name
from server.errors import ApiError
from server.requests.multipart import parts, too_large
from server.storage.picture_threads import PictureThreads

PREFIX = ".upload-"
"""How names of temporary files begin; the number of the process follows. `temp_cleanup` removes abandoned ones."""
_FREE_SPACE = 256 * 2**20
_MAX_FIELD = 1_000
_LONGEST = 160
"""Bytes of a name, without the number and the extension."""


class Upload:
    """One upload: takes bytes, then gives a name. A context manager that removes the temporary file."""

    def __init__(self, folder: Path, limit: int) -> None:
        handle, name = tempfile.mkstemp(dir=folder, prefix=f"{PREFIX}{os.getpid()}-", suffix=".part")
        self._file: BinaryIO = os.fdopen(handle, "wb")
        self.path = Path(name)
        self._limit = limit
        self._size = 0
        self._hash = hashlib.sha256()

    def __enter__(self) -> Upload:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            with contextlib.suppress(OSError):  # a full disk was reported already, or the upload was refused
                self._file.close()
        finally:
            self.path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Appends bytes. Raises `ApiError` beyond the limit."""
        self._size += len(data)
        if self._size > self._limit:
            raise too_large("file", self._limit)
        self._hash.update(data)
        self._file.write(data)

    def store(self, root: Path, subfolder: str, filename: str) -> str:
        """Checks that it is a picture and moves it to its place; returns its name inside `root`."""
        self._file.flush()
        os.fsync(self._file.fileno())
        try:
            seen = pictures.small.check(self.path)
        except pictures.formats.PictureError as error:
            remedy = "Open it in an image program and save it as PNG."
            raise ApiError(415, "not_a_picture", f"The file cannot be used: {error}.", remedy) from None
        parent = inside_name(subfolder) if subfolder else PurePosixPath()
        folder = root / parent
        if not os.path.isdir(folder):  # noqa: PTH112 - an existing folder may have any name; a `Path` may raise here
            parent = safe_name(subfolder)
        if not is_inside(folder, root):
            raise ApiError(400, "bad_name", f"{subfolder!r} leads out of the folder.", "Choose another folder.")
        folder.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o644)
        name = self._store(folder, plain_stem(filename), pictures.formats.EXTENSIONS[seen.format])
        return (parent / name).as_posix()

    def _store(self, folder: Path, stem: str, extension: str) -> str:
        with os.scandir(folder) as entries:
            alike = sorted(entry.name for entry in entries if self._may_be(entry))
        for name in alike:
            with contextlib.suppress(OSError), open_plain(folder / name) as file:
                if hashlib.file_digest(file, "sha256").digest() == self._hash.digest():
                    return name
        for number in range(10_000):
            name = f"{stem} ({number}){extension}" if number else f"{stem}{extension}"
            with contextlib.suppress(FileExistsError):
                self._link(folder / name)
                return name
        raise ApiError(409, "no_name", "There are ten thousand files of this name.", "Give the file another name.")

    def _may_be(self, entry: os.DirEntry[str]) -> bool:
        """Whether a file could hold the same picture: it is listed and has the same size."""
        if entry.name.startswith(".") or not is_unicode(entry.name):
            return False
        if os.path.splitext(entry.name)[1].lower() not in IMAGE_EXTENSIONS:  # noqa: PTH122 - called for each file of the folder
            return False
        with contextlib.suppress(OSError):
            return entry.is_file(follow_symlinks=False) and entry.stat().st_size == self._size
        return False

    def _link(self, place: Path) -> None:
        try:
            os.link(self.path, place)  # fails when the name is taken: nothing is overwritten
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            os.close(os.open(place, os.O_CREAT | os.O_EXCL))
            self.path.replace(place)


def plain_stem(filename: str) -> str:
    """Returns a file name without folders, extension and characters that some systems forbid."""
    name = re.split(r"[\\/]", filename)[-1].rpartition(".")[0] or "picture"
    return mended_part(cut(re.sub(r"[^\w\- ().,+=@!]", "_", name).strip(" ._")[:80].strip(" ."), _LONGEST))


async def receive(request: web.Request, files: Files, limit: int, threads: PictureThreads) -> str:
    """Receives the picture of a multipart request; returns its name in the input folder."""
    if not request.content_type.startswith("multipart/"):
        raise ApiError(415, "not_multipart", "An upload is multipart/form-data.", "Send the file in the field 'file'.")
    if request.content_length is not None and request.content_length > limit + 2**16:
        raise too_large("file", limit)
    root = files.root("input")
    if shutil.disk_usage(root).free < _FREE_SPACE:
        raise ApiError(507, "disk_full", "The disk is nearly full.", "Free some space and try again.")
    subfolder, filename, found = "", "", False
    with Upload(root, limit) as upload:
        async for part in parts(request, {"file": limit, "subfolder": _MAX_FIELD}):
            if part.name == "file":
                found, filename = True, part.filename
                async for chunk in part.chunks():
                    await asyncio.to_thread(upload.write, chunk)
            else:
                subfolder = (await part.text()).strip("/")
        if not found:
            raise ApiError(
                400, "wrong_shape", "The upload has no field 'file'.", "Send the picture in the field 'file'."
            )
        return await threads.do(lambda: upload.store(root, subfolder, filename))
