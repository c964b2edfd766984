"""Reads the document of a run from the database, complete or not at all.

Documents are sent to the worker as they are: a truncated one would break the frame that contains it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

from server.requests.json_body import LARGE
from server.runs import store
from server.storage.database import Database


class DocumentDamagedError(ValueError):
    """The document of a run is missing, or not a JSON object."""


async def document_of(database: Database, run_id: str) -> str:
    """Returns the document as JSON text. Raises `DocumentDamagedError`, and the errors of the database."""
    text = await whole_document(database, run_id)
    if text is None:
        raise DocumentDamagedError("its document is not in the database, or is damaged there")
    return text


async def whole_document(database: Database, run_id: str) -> str | None:
    """Returns the document as JSON text, or None if it is missing or damaged."""
    text = await database.do(lambda db: store.workflow_of(db, run_id))
    if text is None or len(text) < LARGE or await asyncio.to_thread(is_object, text):
        return text
    return None


def is_object(text: str) -> bool:
    """Whether a text is a JSON object. SQLite releases the interpreter's lock while it parses."""
    with closing(sqlite3.connect(":memory:")) as own:
        query = "SELECT CASE WHEN json_valid(?1) THEN json_type(?1) = 'object' END"
        return bool(own.execute(query, (text,)).fetchone()[0])
