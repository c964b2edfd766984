"""What answers need: the parts of the server, as they were joined by `application`."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from server.hub import Hub
from server.runs.dispatcher import Dispatcher
from server.runs.large_bodies import LargeBodyProcess
from server.runs.queue_order import QueueOrder
from server.runs.run_queue import RunQueue
from server.settings import Settings
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


SERVICES = web.AppKey("SERVICES", Services)
