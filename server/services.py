"""The parts of the server by name, as `application` built them, for routes and tests."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from server.hub import Hub
from server.runs.database_reports import DatabaseReports
from server.runs.dispatcher import Dispatcher
from server.runs.large_bodies import LargeBodyProcess
from server.runs.node_states import as_shapes
from server.runs.queue_order import QueueOrder
from server.runs.run_queue import RunQueue
from server.settings import Settings
from server.shapes.messages import Snapshot
from server.shapes.runs import RunDetail
from server.storage.database import Database
from server.storage.node_type_store import Catalogue
from server.storage.notices import Notices
from server.storage.picture_threads import PictureThreads
from server.storage.saved_workflows import SavedWorkflows
from server.storage.thumbnails import Thumbnails
from server.workers.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class Services:
    """The parts, by name."""

    settings: Settings
    database: Database
    catalogue: Catalogue
    hub: Hub
    queue_order: QueueOrder
    dispatcher: Dispatcher
    queue: RunQueue
    supervisor: Supervisor
    saved_workflows: SavedWorkflows
    thumbnails: Thumbnails
    picture_threads: PictureThreads
    large_bodies: LargeBodyProcess
    notices: Notices
    database_reports: DatabaseReports

    def snapshot(self) -> Snapshot:
        """The present state, as a client needs it to begin with."""
        order = self.queue_order
        attempts = [
            RunDetail(run=order.describe(attempt.run), nodes=as_shapes(attempt.states))
            for attempt in self.dispatcher.attempts.values()
        ]
        return Snapshot(
            worker=self.supervisor.state,
            notices=self.notices.all(),
            queue=[order.describe(order.queued[run_id]) for run_id in order.run_ids],
            running=attempts[-1] if attempts else None,
            draining=attempts[:-1],
            recent=[run.info() for run in order.recent],
        )


SERVICES = web.AppKey("SERVICES", Services)
