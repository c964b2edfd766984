"""The document of a run out of the database: whole, or an error in words. What is cut would break the talk with the
worker, for documents go there as they are."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

from server.requests.json_body import LARGE
from server.runs import store
from server.storage.database import Database


class DocumentDamagedError(ValueError):
    """The document of a run is gone, or no JSON object."""


async def document_of(database: Database, run_id: str) -> str:
    """The document as JSON text. Raises `DocumentDamagedError`, and what the database raises."""
    text = await whole_document(database, run_id)
    if text is None:
        raise DocumentDamagedError("its document is not in the database, or is damaged there")
    return text


async def whole_document(database: Database, run_id: str) -> str | None:
    """The document as JSON text, or None."""
    text = await database.do(lambda db: store.workflow_of(db, run_id))
    if text is None or len(text) < LARGE or await asyncio.to_thread(_is_object, text):
        return text
    return None


def _is_object(text: str) -> bool:
    """Whether it is a JSON object: SQLite does not hold the interpreter's lock while it looks."""
    with closing(sqlite3.connect(":memory:")) as own:
        query = "SELECT CASE WHEN json_valid(?1) THEN json_type(?1) = 'object' END"
        return bool(own.execute(query, (text,)).fetchone()[0])
