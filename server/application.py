"""Builds the parts of the server one after the other, and makes the aiohttp application that starts and closes them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from aiohttp import web

from server.access.credentials import KEYS, AccessKeys
from server.access.routing import add_routes, refuse_undeclared
from server.access.security import access_check, add_headers
from server.access.sessions import Sessions
from server.http import openapi, page, sign_in, websocket
from server.http.middleware import answer_errors, mark_authenticated, refuse_unknown
from server.http.routes import files, models, packs, runs, system, templates, workflows
from server.hub import Hub
from server.requests.memory_limit import MEMORY_LIMIT, MemoryLimit
from server.runs import tables
from server.runs.attempts import Attempts
from server.runs.database_reports import DatabaseReports
from server.runs.dispatcher import Dispatcher
from server.runs.large_bodies import LargeBodyProcess
from server.runs.queue_order import QueueOrder
from server.runs.run_queue import RunQueue
from server.services import SERVICES, Services
from server.settings import Settings
from server.shapes.messages import WorkerChanged
from server.storage.database import Database
from server.storage.database_file import DatabaseUnusableError
from server.storage.node_type_store import Catalogue
from server.storage.notices import Notices
from server.storage.picture_threads import PictureThreads
from server.storage.saved_workflows import SavedWorkflows
from server.storage.temp_cleanup import tidy_left_overs, tidy_temporary
from server.storage.thumbnails import Thumbnails
from server.workers.process import ProcessWorker
from server.workers.supervisor import Supervisor
from server.workers.worker import Worker

ROUTES = (
    *system.ROUTES, *templates.ROUTES, *models.ROUTES, *packs.ROUTES,
    *workflows.ROUTES, *runs.ROUTES, *files.ROUTES, *websocket.ROUTES,
    *openapi.ROUTES, *sign_in.ROUTES, *page.ROUTES,
)  # fmt: skip


def make_application(settings: Settings, make_worker: Callable[[], Worker] | None = None) -> web.Application:
    """Returns the application, which starts its worker. `make_worker` replaces the worker process, for tests."""
    app = web.Application(
        middlewares=[answer_errors, access_check(settings), mark_authenticated, refuse_unknown],
        client_max_size=settings.max_json,
    )
    add_routes(app, ROUTES)
    app[websocket.SOCKETS] = {}
    app[KEYS] = AccessKeys(Sessions(settings.data / "sessions.json", settings.token))
    services = _build(settings, make_worker or (lambda: _worker_process(settings)))
    app[SERVICES] = services
    app[MEMORY_LIMIT] = MemoryLimit(settings.limits.large_body_bytes)
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(websocket.close_all)
    app.cleanup_ctx.append(_life)
    refuse_undeclared(app)
    return app


def _build(settings: Settings, make_worker: Callable[[], Worker]) -> Services:
    """Builds each part after those that it needs. A part that reports events has signals and does not know the
    receivers."""
    files, data = settings.files, settings.data
    hub = Hub()
    notices = Notices(hub)
    for code, message in settings.notices.items():
        notices.set(code, message)
    database = Database(
        data / "jacquard.sqlite3", tables.SCHEMA, tables.VERSION, tables.STEPS, reclaim_folder=settings.reclaim_folder
    )
    catalogue = Catalogue(data / "node-types.json", notices)
    queue_order = QueueOrder(database, hub)
    attempts = Attempts()
    supervisor = Supervisor(make_worker, attempts.active_calls, cancel_grace=settings.cancel_grace)
    supervisor.state_changed.connect(lambda state: hub.publish(WorkerChanged(worker=state)))
    dispatcher = Dispatcher(queue_order, attempts, supervisor, database, hub, catalogue, files)
    large_bodies = LargeBodyProcess(files)
    picture_threads = PictureThreads()
    return Services(
        settings=settings,
        database=database,
        catalogue=catalogue,
        hub=hub,
        queue_order=queue_order,
        dispatcher=dispatcher,
        queue=RunQueue(queue_order, dispatcher, database, hub, catalogue, files, large_bodies),
        supervisor=supervisor,
        saved_workflows=SavedWorkflows(data / "workflows", data / "versions"),
        thumbnails=Thumbnails(data / "thumbnails", picture_threads),
        picture_threads=picture_threads,
        large_bodies=large_bodies,
        notices=notices,
        database_reports=DatabaseReports(database, notices, queue_order, attempts, files),
    )


def _worker_process(settings: Settings) -> Worker:
    return ProcessWorker(
        settings.worker_command, settings.worker_environment, settings.data / "black-box", settings.place_names.shorten
    )


async def _life(app: web.Application) -> AsyncIterator[None]:
    """Opens the queue and starts the worker before the first request; closes the parts after the last one."""
    services = app[SERVICES]
    services.database_reports.start()
    try:
        await services.queue_order.open()
    except sqlite3.Error as error:
        raise DatabaseUnusableError(f"The queue cannot be read from the database: {error}.") from error
    for folder in services.settings.files.roots.get("temp", ()):
        asyncio.get_running_loop().run_in_executor(None, tidy_temporary, folder)
    asyncio.get_running_loop().run_in_executor(None, tidy_left_overs, _written_to(services.settings))
    supervising = asyncio.create_task(services.supervisor.run())
    yield
    # In the reverse order of `_build`: a part is closed before those that it needs.
    if services.settings.models is not None:
        await asyncio.to_thread(services.settings.models.close)
    services.picture_threads.close()
    await services.large_bodies.close()
    await services.dispatcher.close()
    await services.supervisor.stop()
    supervising.cancel()
    await asyncio.wait([supervising])
    await asyncio.to_thread(services.database.close)


def _written_to(settings: Settings) -> list[Path]:
    """Returns the folders that the server and its worker write to."""
    roots = settings.files.roots
    return [settings.data, *(root for kind in ("input", "output", "temp") for root in roots.get(kind, ()))]
