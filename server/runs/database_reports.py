"""Reacts to trouble and damage of the database: sets notices, and restores what a damaged file has lost.

Runs that have not ended are written into the new database, and the pictures of the output folder are listed again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from graph.files.folders import Files
from server.runs.attempts import Attempts
from server.runs.queue_order import QueueOrder
from server.runs.recovery import relist_outputs
from server.storage.database import Database
from server.storage.notices import Notices

_LOG = logging.getLogger("jacquard.server")


class DatabaseReports:
    """Connects to the signals of the database, whose thread emits them, and acts on the event loop."""

    def __init__(
        self, database: Database, notices: Notices, queue_order: QueueOrder, attempts: Attempts, files: Files
    ) -> None:
        self._database = database
        self._notices = notices
        self._queue_order = queue_order
        self._attempts = attempts
        self._files = files
        self._relisting: set[asyncio.Task[int]] = set()

    def start(self) -> None:
        """Act on reports from now on, and on what was lost when the database was opened."""
        loop = asyncio.get_running_loop()
        self._database.trouble_changed.connect(lambda trouble: _call_on(loop, self._report_trouble, trouble))
        self._database.damaged.connect(lambda lost: _call_on(loop, self._replace_lost, lost))
        if self._database.lost:
            self._notices.set("database", self._database.lost)
            self._relist_outputs()

    def _report_trouble(self, trouble: str) -> None:
        sentence = f"The disk refuses to store something ({trouble}). Runs go on, and writing is retried."
        self._notices.set("disk", sentence if trouble else "")

    def _replace_lost(self, lost: str) -> None:
        self._notices.set("database", lost)
        self._queue_order.restore_rows([(attempt.run, attempt.document) for attempt in self._attempts.values()])
        self._relist_outputs()

    def _relist_outputs(self) -> None:
        task = asyncio.create_task(relist_outputs(self._database, self._files))
        self._relisting.add(task)
        task.add_done_callback(self._relisted)

    def _relisted(self, task: asyncio.Task[int]) -> None:
        self._relisting.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("the pictures of the output folder could not be listed again: %s", error)


def _call_on(loop: asyncio.AbstractEventLoop, call: Callable[[str], None], text: str) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: the server has ended
        loop.call_soon_threadsafe(call, text)
