"""What answers need: the parts of the server, as they were joined by `application`."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from server.catalogue import Catalogue
from server.database import Database
from server.documents import Documents
from server.helper import Helper
from server.hub import Hub
from server.notices import Notices
from server.picture_threads import PictureThreads
from server.run_book import RunBook
from server.run_desk import RunDesk
from server.run_queue import RunQueue
from server.settings import Settings
from server.supervisor import Supervisor
from server.thumbnails import Thumbnails


@dataclass(frozen=True, slots=True)
class Services:
    """The parts, by name."""

    settings: Settings
    database: Database
    catalogue: Catalogue
    hub: Hub
    book: RunBook
    desk: RunDesk
    queue: RunQueue
    supervisor: Supervisor
    documents: Documents
    thumbnails: Thumbnails
    picture_threads: PictureThreads
    helper: Helper
    notices: Notices


SERVICES = web.AppKey("SERVICES", Services)
