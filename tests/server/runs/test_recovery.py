"""The list of outputs is rebuilt from the pictures, which name the run that made them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from graph.files.folders import Files
from nodes import picture_metadata
from server.runs import recovery, store, tables
from server.runs.recovery import relist_outputs
from server.storage.database import Database
from tests.support.server_nodes import PNG
from tests.support.serving import asynchronous


@asynchronous
async def test_pictures_give_the_list_of_outputs_back(tmp_path: Path) -> None:
    output = tmp_path / "output"
    (output / "cats").mkdir(parents=True)
    picture = picture_metadata.embed(PNG, {"workflow": {}, "run": {"run_id": "abc"}})
    (output / "cats" / "a.png").write_bytes(picture)
    (output / "plain.png").write_bytes(PNG)
    (output / "cut.png").write_bytes(picture[:60])
    (output / "note.txt").write_text("no picture")
    (output / "away.png").symlink_to(tmp_path / "elsewhere.png")
    files = Files({"output": [output]})
    database = Database(tmp_path / "x.sqlite3", tables.SCHEMA, tables.VERSION)
    try:
        assert await relist_outputs(database, files) == 3
        assert await relist_outputs(database, files) == 0
        rows = await database.do(lambda db: [(row["name"], row["run"]) for row in db.execute("SELECT * FROM outputs")])
        assert sorted(rows) == [("cats/a.png", "abc"), ("cut.png", ""), ("plain.png", "")]
    finally:
        database.close()


@asynchronous
async def test_the_newest_pictures_are_listed_in_their_order_and_the_oldest_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "MOST_FILES", 3)
    monkeypatch.setattr(recovery, "AT_ONCE", 2)
    for age, name in enumerate(("newest.webp", "b.jpeg", "a.png", "oldest.png")):
        (tmp_path / name).write_bytes(PNG)
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    (tmp_path / ".hidden.png").write_bytes(PNG)
    database = Database(tmp_path / "x.sqlite3", tables.SCHEMA, tables.VERSION)
    try:
        assert await relist_outputs(database, Files({"output": [tmp_path]})) == 3
        listed = await database.do(lambda db: store.outputs(db, 10))
    finally:
        database.close()
    assert [(output["name"], output["media"], output["created"]) for output in listed] == [
        ("newest.webp", "image/webp", 1000.0), ("b.jpeg", "image/jpeg", 999.0), ("a.png", "image/png", 998.0)
    ]  # fmt: skip


@pytest.mark.parametrize("record", [[], {"run": None}, {"run": {"run_id": 7}}, {"run": {}}])
@asynchronous
async def test_a_record_that_names_no_run_lists_its_picture_without_one(tmp_path: Path, record: Any) -> None:
    (tmp_path / "a.png").write_bytes(picture_metadata.embed(PNG, record))
    database = Database(tmp_path / "x.sqlite3", tables.SCHEMA, tables.VERSION)
    try:
        assert await relist_outputs(database, Files({"output": [tmp_path]})) == 1
        ((name, run),) = await database.do(lambda db: [(one["name"], one["run"]) for one in store.outputs(db, 10)])
    finally:
        database.close()
    assert (name, run) == ("a.png", "")
