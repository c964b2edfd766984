"""Trouble and damage of the database become notices, and what is lost with a damaged file is written again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from graph.files.folders import Files
from server.hub import Hub
from server.runs import store, tables
from server.runs.attempt import RunAttempt
from server.runs.attempts import Attempts
from server.runs.database_reports import DatabaseReports
from server.runs.queue_order import QueueOrder
from server.runs.run import Run
from server.storage.database import Database
from server.storage.notices import Notices
from tests.support.runs_at_work import until
from tests.support.serving import asynchronous


class Parts:
    def __init__(self, folder: Path) -> None:
        self.database = Database(folder / "x.sqlite3", tables.SCHEMA, tables.VERSION)
        self.hub = Hub()
        self.notices = Notices(self.hub)
        self.queue_order = QueueOrder(self.database, self.hub)
        self.attempts = Attempts()
        self.reports = DatabaseReports(self.database, self.notices, self.queue_order, self.attempts, Files())
        self.reports.start()

    def codes(self) -> list[str]:
        return [notice.code for notice in self.notices.all()]


@asynchronous
async def test_trouble_is_a_notice_for_as_long_as_it_lasts(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    try:
        await asyncio.to_thread(parts.database.trouble_changed.emit, "disk full")
        await until(lambda: parts.codes() == ["disk"])
        assert "disk full" in parts.notices.all()[0].message
        await asyncio.to_thread(parts.database.trouble_changed.emit, "")
        await until(lambda: parts.codes() == [])
    finally:
        parts.database.close()


@asynchronous
async def test_runs_that_have_not_ended_are_written_into_the_database_that_replaces_a_damaged_one(
    tmp_path: Path,
) -> None:
    parts = Parts(tmp_path)
    try:
        run, document = Run("a", status="running"), '{"jacquard":1,"nodes":{}}'
        attempt = parts.attempts["a"] = RunAttempt(run, parts.database, parts.hub, Files())
        attempt.document = document
        await asyncio.to_thread(parts.database.damaged.emit, "It was damaged.")
        await until(lambda: parts.codes() == ["database"])
        assert await parts.database.do(lambda db: store.workflow_of(db, "a")) == document
        found = await parts.database.do(lambda db: store.get(db, "a"))
        assert found is not None
        assert found.status == "running"
    finally:
        parts.database.close()
