"""Artifacts as the API tells them: with addresses for the file and its thumbnail.

Addresses are relative to the page's own, that is to the root of this server: a proxy may have put it into a folder.
The address carries the file's modification time and size, so that a browser may keep what it got for good: a file that
was replaced has another address.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pictures
from graph.files.folders import FileNameError, Files

API = "api/v1"


def describe(artifact: Mapping[str, Any], files: Files) -> dict[str, Any]:
    """An artifact with its addresses."""
    folder, name, media = str(artifact["folder"]), str(artifact["name"]), str(artifact["media"])
    return {
        "folder": folder,
        "name": name,
        "media": media,
        **addresses(folder, name, media, _version(folder, name, files)),
    }


def addresses(folder: str, name: str, media: str, version: str = "") -> dict[str, str | None]:
    """Where a file and its thumbnail are."""
    path = f"{quote(folder, safe='')}/{quote(name)}"
    picture = media.startswith("image/")
    return {
        "url": f"{API}/files/{path}" + (f"?v={version}" if version else ""),
        "thumbnail": f"{API}/thumbnails/{path}?size=256" + (f"&v={version}" if version else "") if picture else None,
    }


def is_there(artifact: Mapping[str, Any], files: Files) -> bool:
    """Whether the file is still where it was put."""
    return bool(_version(artifact["folder"], artifact["name"], files))


def measure(artifact: Mapping[str, Any], files: Files) -> dict[str, Any]:
    """Size on disk and, of a picture, width and height; reads the file's header."""
    try:
        path = files.path(artifact["folder"], artifact["name"])
        size = path.stat().st_size
    except (FileNameError, OSError):
        return {"bytes": 0, "width": None, "height": None}
    try:
        seen = pictures.opening.look(path)
    except (pictures.formats.PictureError, OSError):
        return {"bytes": size, "width": None, "height": None}
    return {"bytes": size, "width": seen.width, "height": seen.height}


def version_of(path: Path) -> str:
    """What tells a file from others that had or will have its name; raises `OSError`."""
    status = path.stat()
    return f"{status.st_mtime_ns:x}-{status.st_size:x}"


def _version(folder: str, name: str, files: Files) -> str:
    try:
        return version_of(files.path(folder, name))
    except (FileNameError, OSError):
        return ""
