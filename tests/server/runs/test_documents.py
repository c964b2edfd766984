"""Documents come out of the database whole or not at all; a large one keeps nobody else waiting for the database."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from server.requests.json_body import LARGE
from server.runs import documents, store, tables
from server.runs.documents import DocumentDamagedError, document_of, whole_document
from server.runs.run import Run
from server.storage.database import Database
from tests.support.serving import asynchronous

SMALL_ONE = json.dumps({"jacquard": 1, "nodes": {}})
LARGE_ONE = json.dumps({"jacquard": 1, "title": "x" * LARGE})


@asynchronous
async def test_a_document_is_whole_or_refused_whatever_its_size(tmp_path: Path) -> None:
    database = Database(tmp_path / "jacquard.sqlite3", tables.SCHEMA, tables.VERSION, tables.STEPS)
    try:
        for size, text in (("small", SMALL_ONE), ("large", LARGE_ONE)):
            for name, kept in (("whole", text), ("cut", text[:-1]), ("list", f"[{text}]")):
                run = Run(f"{size} {name}")
                await database.do(lambda db, run=run, kept=kept: store.insert(db, run, None, "", {}, kept))  # type: ignore[misc]
            assert await document_of(database, f"{size} whole") == text
            for name in ("cut", "list", "gone"):
                assert await whole_document(database, f"{size} {name}") is None
                with pytest.raises(DocumentDamagedError):
                    await document_of(database, f"{size} {name}")
    finally:
        database.close()


@asynchronous
async def test_a_large_document_is_not_looked_into_while_others_wait_for_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    look: Callable[[str], bool] = documents.is_object
    monkeypatch.setattr(documents, "is_object", lambda text: (looked.append(len(text)), look(text))[1])
    database = Database(tmp_path / "jacquard.sqlite3", tables.SCHEMA, tables.VERSION, tables.STEPS)
    try:
        for text in (SMALL_ONE, LARGE_ONE, LARGE_ONE[:-1]):
            run = Run(str(len(text)))
            await database.do(lambda db, run=run, text=text: store.insert(db, run, None, "", {}, text))  # type: ignore[misc]
            assert await database.do(lambda db, run=run: store.workflow_of(db, run.id)) == text  # type: ignore[misc]
            await whole_document(database, run.id)
        assert looked == [len(LARGE_ONE), len(LARGE_ONE) - 1]
    finally:
        database.close()
