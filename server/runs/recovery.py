"""Rebuilds the list of outputs from the pictures, whose metadata name the run that made them.

Used after the database was replaced. A picture without metadata is listed without a run. Bounded: the newest
`MOST_FILES` files are read, and of each only the beginning.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graph.files.folders import Files
from server.runs import store
from server.storage import artifact_urls
from server.storage.database import Database

MOST_FILES, AT_ONCE = 5_000, 100
_MOST_BYTES = 16 * 2**20
_MEDIA = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RECORD = b"jacquard\0\0\0\0\0"
_LOG = logging.getLogger("jacquard.server")


async def relist_outputs(database: Database, files: Files) -> int:
    """Lists every picture of the output folder that is not listed; returns how many were added."""
    found = await asyncio.to_thread(lambda: list(_pictures(files)))
    count = 0
    for start in range(0, len(found), AT_ONCE):
        some = found[start : start + AT_ONCE]
        described = await asyncio.to_thread(_describe_all, some, files)

        def keep(connection: sqlite3.Connection, described: list[dict[str, Any]] = described) -> int:
            new = [output for output in described if not store.is_output(connection, output)]
            for output in new:
                store.add_output(connection, output)
            return len(new)

        count += await database.do(keep)
    if count:
        _LOG.warning("%d pictures of the output folder are listed again", count)
    return count


def _pictures(files: Files) -> Iterator[tuple[str, Path, float]]:
    """Yields the newest pictures, oldest first, as they were listed originally."""
    found: list[tuple[float, str, Path]] = []
    for root in files.roots.get("output", ()):
        for folder, _, names in os.walk(root):
            for name in names:
                path = Path(folder) / name
                if path.suffix.lower() in _MEDIA and not name.startswith(".") and not path.is_symlink():
                    try:
                        found.append((path.stat().st_mtime, path.relative_to(root).as_posix(), path))
                    except OSError:
                        continue
    for modified, name, path in sorted(found)[-MOST_FILES:]:
        yield name, path, modified


def _describe_all(some: list[tuple[str, Path, float]], files: Files) -> list[dict[str, Any]]:
    return [_describe(name, path, modified, files) for name, path, modified in some]


def _describe(name: str, path: Path, modified: float, files: Files) -> dict[str, Any]:
    output = {
        "run": _run_in(path), "node": "", "folder": "output", "name": name, "media": _MEDIA[path.suffix.lower()],
        "created": modified,
    }  # fmt: skip
    return {**output, **artifact_urls.measure(output, files)}


def _run_in(path: Path) -> str:
    """Returns the run id in the metadata of a picture, or an empty text."""
    try:
        with path.open("rb") as file:
            if file.read(len(_SIGNATURE)) != _SIGNATURE:
                return ""
            while len(head := file.read(8)) == 8:
                length, kind = struct.unpack(">I4s", head)
                if kind == b"IDAT" or length > _MOST_BYTES:
                    return ""
                if kind != b"iTXt":
                    file.seek(length + 4, os.SEEK_CUR)
                    continue
                body = file.read(length)
                file.seek(4, os.SEEK_CUR)
                if body.startswith(_RECORD):
                    run = json.loads(body[len(_RECORD) :])["run"]["run_id"]
                    return run if isinstance(run, str) else ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError, struct.error):
        pass
    return ""
