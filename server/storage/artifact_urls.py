"""Describes artifacts for the API: with addresses of the file and its thumbnail.

Addresses are relative to that of the page, because a proxy may serve it from a folder. An address contains the file's
modification time and size, so a browser may cache the response for ever: a replaced file has another address.
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
    """Returns an artifact with its addresses."""
    folder, name, media = str(artifact["folder"]), str(artifact["name"]), str(artifact["media"])
    return {
        "folder": folder,
        "name": name,
        "media": media,
        **addresses(folder, name, media, _version(folder, name, files)),
        **({"label": str(artifact["label"])} if artifact.get("label") else {}),
    }


def addresses(folder: str, name: str, media: str, version: str = "") -> dict[str, str | None]:
    """Returns the addresses of a file and its thumbnail."""
    path = f"{quote(folder, safe='')}/{quote(name)}"
    picture = media.startswith("image/")
    return {
        "url": f"{API}/files/{path}" + (f"?v={version}" if version else ""),
        "thumbnail": f"{API}/thumbnails/{path}?size=256" + (f"&v={version}" if version else "") if picture else None,
    }


def is_there(artifact: Mapping[str, Any], files: Files) -> bool:
    """Whether the file still exists."""
    return bool(_version(artifact["folder"], artifact["name"], files))


def measure(artifact: Mapping[str, Any], files: Files) -> dict[str, Any]:
    """Returns the size on disk and, of a picture, width and height; reads the file's header."""
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
    """Returns a text that changes when the file is replaced. Raises `OSError`."""
    status = path.stat()
    return f"{status.st_mtime_ns:x}-{status.st_size:x}"


def _version(folder: str, name: str, files: Files) -> str:
    try:
        return version_of(files.path(folder, name))
    except (FileNameError, OSError):
        return ""
