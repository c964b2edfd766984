"""Turns an error of the disk into an answer of the API: the kind of the folder and the reason."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from server.errors import ApiError
from server.settings import Settings
from server.storage.database_file import is_locked


def storage_trouble(error: sqlite3.Error | OSError, settings: Settings) -> ApiError:
    """Returns the answer to a request that failed because something could not be read or written."""
    remedy = "Look at the disk and its rights."
    if isinstance(error, sqlite3.Error):
        where, reason = "The database", str(error)
        remedy = "Another program holds it: try again, or end that." if is_locked(error) else remedy
    else:
        kind = folder_kind(error.filename, settings)
        where = f"The {kind} folder" if kind else "A file"
        reason = error.strerror or type(error).__name__
    return ApiError(
        507,
        "storage",
        f"{where} could not be read or written: {reason}.",
        str(getattr(error, "remedy", remedy)),
    )


def folder_kind(name: object, settings: Settings) -> str:
    """Returns the kind of the folder that contains a path, or an empty text."""
    if not isinstance(name, str | bytes | os.PathLike):
        return ""
    path = Path(os.fsdecode(name))
    for kind, roots in settings.files.roots.items():
        if any(path.is_relative_to(root) for root in roots):
            return kind
    return "data" if path.is_relative_to(settings.data) else ""
