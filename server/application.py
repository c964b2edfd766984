"""Joins the parts of the server into an aiohttp application, and takes them apart again in the right order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from graph.base.errors import WorkflowError
from graph.files.folders import FileNameError
from server.access.credentials import KEYS, AccessKeys
from server.access.routing import Permission, add_routes, parameters_of, permission_of, refuse_undeclared, takes_body
from server.access.security import access_check, add_headers
from server.access.sessions import Sessions
from server.errors import ApiError, refused
from server.http import openapi, page, sign_in, websocket
from server.http.connections import Connection
from server.http.routes import files, packs, runs, system, workflows
from server.hub import Hub
from server.requests.json_body import check_query, read_object
from server.requests.memory_limit import MEMORY_LIMIT, MemoryLimit
from server.runs import tables
from server.runs.dispatcher import Dispatcher
from server.runs.large_bodies import LargeBodyProcess
from server.runs.prefetch import Prefetch
from server.runs.queue_order import QueueOrder
from server.runs.recovery import relist_outputs
from server.runs.run_queue import RunQueue
from server.services import SERVICES, Services
from server.settings import Settings
from server.storage.database import Database
from server.storage.database_file import DatabaseUnusableError
from server.storage.disk_errors import storage_trouble
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
    *system.ROUTES, *packs.ROUTES, *workflows.ROUTES, *runs.ROUTES, *files.ROUTES, *websocket.ROUTES, *openapi.ROUTES,
    *sign_in.ROUTES, *page.ROUTES,
)  # fmt: skip
_LOG = logging.getLogger("jacquard.server")


def make_application(settings: Settings, make_worker: Callable[[], Worker] | None = None) -> web.Application:
    """The application; its worker is started with it. `make_worker` stands in for a worker in a process of its own."""
    app = web.Application(
        middlewares=[_answer_errors, access_check(settings), _mark_authenticated, _refuse_unknown],
        client_max_size=settings.max_json,
    )
    add_routes(app, ROUTES)
    app[websocket.SOCKETS] = {}
    app[KEYS] = AccessKeys(Sessions(settings.data / "sessions.json", settings.token))
    services = _join(settings, make_worker or (lambda: _worker_process(settings)))
    app[SERVICES] = services
    app[MEMORY_LIMIT] = MemoryLimit(settings.limits.large_body_bytes)
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(websocket.close_all)
    app.cleanup_ctx.append(_life)
    refuse_undeclared(app)
    return app


def _join(settings: Settings, make_worker: Callable[[], Worker]) -> Services:
    notices = Notices()
    database = Database(
        settings.data / "jacquard.sqlite3", tables.SCHEMA, tables.VERSION, tables.STEPS,
        reclaim_folder=settings.reclaim_folder,
    )  # fmt: skip
    catalogue = Catalogue(settings.data / "node-types.json", notices)
    hub = Hub(lambda: _snapshot(queue_order, dispatcher, supervisor, notices))
    for code, message in settings.notices.items():
        notices.set(code, message)
    notices.changed = lambda: hub.publish("notices", notices=notices.as_json())
    queue_order = QueueOrder(database, hub)
    dispatcher = Dispatcher(queue_order, database, hub, catalogue, settings.files)
    large_bodies = LargeBodyProcess(settings.files)
    queue = RunQueue(queue_order, dispatcher, database, hub, catalogue, settings.files, large_bodies)
    supervisor = dispatcher.runner = Supervisor(make_worker, dispatcher, cancel_grace=settings.cancel_grace)
    dispatcher.prefetch = Prefetch(queue_order, database, supervisor)
    queue_order.order_changed = dispatcher.prefetch.order_changed
    saved_workflows = SavedWorkflows(settings.data / "workflows", settings.data / "versions")
    threads = PictureThreads()
    thumbnails = Thumbnails(settings.data / "thumbnails", threads)
    return Services(
        settings,
        database,
        catalogue,
        hub,
        queue_order,
        dispatcher,
        queue,
        supervisor,
        saved_workflows,
        thumbnails,
        threads,
        large_bodies,
        notices,
    )


def _snapshot(
    queue_order: QueueOrder, dispatcher: Dispatcher, supervisor: Supervisor, notices: Notices
) -> dict[str, Any]:
    """All that a client needs to begin with."""
    attempts = [
        {"run": queue_order.describe(attempt.run), "nodes": attempt.states} for attempt in dispatcher.attempts.values()
    ]
    return {
        "worker": supervisor.state.as_json(),
        "notices": notices.as_json(),
        "queue": [queue_order.describe(queue_order.queued[run_id]) for run_id in queue_order.run_ids],
        "running": attempts[-1] if attempts else None,
        "draining": attempts[:-1],
        "recent": [run.as_json() for run in queue_order.recent],
    }


def _worker_process(settings: Settings) -> Worker:
    return ProcessWorker(
        settings.worker_command, settings.worker_environment, settings.data / "black-box", settings.place_names.shorten
    )


async def _life(app: web.Application) -> AsyncIterator[None]:
    """From the first request to the last: the queue is open and a worker is kept alive."""
    services = app[SERVICES]
    _listen_to_database(services)
    try:
        await services.queue_order.open()
    except sqlite3.Error as error:
        raise DatabaseUnusableError(f"The queue cannot be read from the database: {error}.") from error
    for folder in services.settings.files.roots.get("temp", ()):
        asyncio.get_running_loop().run_in_executor(None, tidy_temporary, folder)
    asyncio.get_running_loop().run_in_executor(None, tidy_left_overs, _written_to(services.settings))
    watching = asyncio.create_task(_keep_watch(services.supervisor))
    yield
    await services.large_bodies.close()
    await services.dispatcher.close()
    await services.supervisor.stop()
    watching.cancel()
    await asyncio.wait([watching])
    services.picture_threads.close()
    await asyncio.to_thread(services.database.close)


def _written_to(settings: Settings) -> list[Path]:
    """The folders that the server and its worker write to."""
    roots = settings.files.roots
    return [settings.data, *(root for kind in ("input", "output", "temp") for root in roots.get(kind, ()))]


async def _keep_watch(supervisor: Supervisor) -> None:
    """The watch over the worker; whatever ends it, it is begun anew, for without it no run is ever done."""
    while not supervisor.stopped:
        try:
            await supervisor.run()
        except Exception as error:  # noqa: BLE001 - as said
            _LOG.critical("the watch over the worker ended, and is begun anew", exc_info=error)
            await asyncio.sleep(1)


def _listen_to_database(services: Services) -> None:
    """What happens to the database is told to people, and mended where it can be."""
    loop = asyncio.get_running_loop()
    recovering: set[asyncio.Task[int]] = set()

    def report_trouble(message: str) -> None:
        notice = f"The disk does not take what has to be written ({message}). Runs go on, and it is tried again."
        services.notices.set("disk", notice if message else "")

    def report_damage(lost: str) -> None:
        services.notices.set("database", lost)
        services.queue_order.restore_rows(
            [(attempt.run, attempt.document) for attempt in services.dispatcher.attempts.values()]
        )
        start_relisting()

    def start_relisting() -> None:
        task = asyncio.create_task(relist_outputs(services.database, services.settings.files))
        recovering.add(task)
        task.add_done_callback(recovered)

    def recovered(task: asyncio.Task[int]) -> None:
        recovering.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("the pictures of the output folder could not be listed again: %s", error)

    services.database.on_trouble = lambda message: _call_on_loop(loop, report_trouble, message)
    services.database.on_damage = lambda lost: _call_on_loop(loop, report_damage, lost)
    if services.database.lost:
        services.notices.set("database", services.database.lost)
        start_relisting()


def _call_on_loop(loop: asyncio.AbstractEventLoop, call: Callable[[str], None], message: str) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: the server has ended
        loop.call_soon_threadsafe(call, message)


@web.middleware
async def _mark_authenticated(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Behind the door: who came here for more than the page has shown the token."""
    if isinstance(request.protocol, Connection) and permission_of(request) not in (None, Permission.OPEN):
        request.protocol.is_authenticated = True
    return await handler(request)


@web.middleware
async def _refuse_unknown(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Behind the door: an address has no parameters but those of its route, and a route without a body takes none."""
    if (parameters := parameters_of(request)) is not None:
        check_query(request, parameters)
        if request.method != "GET" and request.can_read_body and not takes_body(request):
            await read_object(request, ())
    return await handler(request)


@web.middleware
async def _answer_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Every error in one shape; what was not foreseen is logged, and told without details."""
    try:
        return await handler(request)
    except ApiError as error:
        return sign_in.refusal(request, error)
    except WorkflowError as error:
        return refused(error.problems).response()
    except FileNameError as error:
        return ApiError(400, "bad_name", f"{error}.", error.remedy).response()
    except (RequestPayloadError, HttpProcessingError):
        return ApiError(
            400, "bad_body", "The body breaks off, or is not what its headers say.", "Send it again."
        ).response()
    except web.HTTPRequestEntityTooLarge:
        return ApiError(413, "too_large", "The body is too large.").response()
    except web.HTTPException as error:
        return ApiError(error.status, _code(error), f"{error.reason}.").response()
    except (asyncio.CancelledError, ConnectionError):
        raise
    except (sqlite3.Error, OSError) as error:
        _LOG.error("%s %s: %s", request.method, request.path, error)
        return storage_trouble(error, request.app[SERVICES].settings).response()
    except Exception:  # noqa: BLE001 - the last net: nothing that a request does ends the server
        _LOG.exception("%s %s failed", request.method, request.path)
        return ApiError(500, "internal", "Something went wrong in the server.", "Look at its log.").response()


def _code(error: web.HTTPException) -> str:
    return {404: "not_found", 405: "method_not_allowed"}.get(error.status, f"http_{error.status}")
