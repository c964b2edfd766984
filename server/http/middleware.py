"""The middleware around every request: turns errors into answers, and refuses parameters that are not declared.

Whether a request is let in is decided in `server.access.security`.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from graph.base.errors import WorkflowError
from graph.files.folders import FileNameError
from server.access.routing import Permission, permission_of, query_of, takes_body
from server.errors import ApiError, refused
from server.http import sign_in
from server.http.connections import Connection
from server.requests.body_shape import NoBody, read_small_body
from server.requests.query import check_query
from server.services import SERVICES
from server.storage.disk_errors import storage_trouble

_LOG = logging.getLogger("jacquard.server")


@web.middleware
async def mark_authenticated(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Marks the connection as authenticated, after the access check."""
    if isinstance(request.protocol, Connection) and permission_of(request) not in (None, Permission.OPEN):
        request.protocol.is_authenticated = True
    return await handler(request)


@web.middleware
async def refuse_unknown(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuses undeclared parameters, and a body with fields for a route without a body."""
    if (query := query_of(request)) is not None:
        check_query(request, query)
        if request.method != "GET" and request.can_read_body and not takes_body(request):
            await read_small_body(request, NoBody)
    return await handler(request)


@web.middleware
async def answer_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answers every error in one form; unexpected errors are logged, and answered without details."""
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
