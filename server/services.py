"""What answers need: the parts of the server, as they were joined by `application`."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from server.hub import Hub
from server.runs.dispatcher import RunDispatcher
from server.runs.large_bodies import Helper
from server.runs.queue_order import QueueOrder
from server.runs.run_queue import RunQueue
from server.settings import Settings
from server.storage.database import Database
from server.storage.node_type_store import Catalogue
from server.storage.notices import Notices
from server.storage.picture_threads import PictureThreads
from server.storage.saved_workflows import Documents
from server.storage.thumbnails import Thumbnails
from server.workers.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class Services:
    """The parts, by name."""

    settings: Settings
    database: Database
    catalogue: Catalogue
    hub: Hub
    book: QueueOrder
    desk: RunDispatcher
    queue: RunQueue
    supervisor: Supervisor
    documents: Documents
    thumbnails: Thumbnails
    picture_threads: PictureThreads
    helper: Helper
    notices: Notices


SERVICES = web.AppKey("SERVICES", Services)
