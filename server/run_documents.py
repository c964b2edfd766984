"""The document of a run out of the database: whole, or an error in words. What is cut would break the talk with the
worker, for documents go there as they are."""

from __future__ import annotations

from server import run_store
from server.database import Database


class DocumentDamagedError(ValueError):
    """The document of a run is gone, or no JSON object."""


async def document_of(database: Database, run_id: str) -> str:
    """The document as JSON text. Raises `DocumentDamagedError`, and what the database raises."""
    text = await database.do(lambda db: run_store.workflow_of(db, run_id))
    if text is None:
        raise DocumentDamagedError("its document is not in the database, or is damaged there")
    return text
