"""Declares routes, each with a permission. The application does not start if a route has none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiohttp import web

from server.errors import ApiError
from server.shapes.parameters import Header, NoQuery, Query

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Permission(StrEnum):
    """Who may call a route."""

    OPEN = "open"
    """Anyone whom the Host check lets in: the static page, and nothing else."""
    READ = "read"
    """With the token."""
    WRITE = "write"
    """With the token, from the same origin."""
    SOCKET = "socket"
    """A websocket: with the token, from the same origin."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route, and what the description for programs says about it.

    `query`, `body` and `gives` are shapes; a route without a body takes none.
    """

    method: str
    path: str
    answer: Answer
    permission: Permission
    summary: str
    query: type[Query] = NoQuery
    body: Any = None
    gives: Any = None
    status: int = 200
    headers: tuple[Header, ...] = ()


class UndeclaredRouteError(RuntimeError):
    """A route has no permission; the server does not start like this."""


PERMISSIONS: web.AppKey[dict[int, Permission]] = web.AppKey("PERMISSIONS")
DECLARED: web.AppKey[dict[int, Route]] = web.AppKey("DECLARED")
ROUTES: web.AppKey[tuple[Route, ...]] = web.AppKey("ROUTES")


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Add routes to an application, and remember who may call them."""
    declared = tuple(routes)
    permissions: dict[int, Permission] = {}
    found: dict[int, Route] = {}
    for route in declared:
        added = app.router.add_route(route.method, route.path, route.answer, expect_handler=_meet_expectation)
        permissions[id(added)] = route.permission
        found[id(added)] = route
    app[PERMISSIONS] = permissions
    app[DECLARED] = found
    app[ROUTES] = declared


async def _meet_expectation(request: web.Request) -> web.StreamResponse | None:
    """What 'Expect' asks for, if it is to go on; nothing else can be met."""
    if request.headers["Expect"].lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # what was written is no part of the answer
        return None
    return ApiError(417, "bad_expectation", "What 'Expect' asks for cannot be met.", "Leave it out.").response()


def refuse_undeclared(app: web.Application) -> None:
    """Raise `UndeclaredRouteError` for a route that was added by another way."""
    for route in app.router.routes():
        if id(route) not in app[PERMISSIONS]:
            raise UndeclaredRouteError(f"{route.method} {route.resource} has no permission; add it with add_routes")


def permission_of(request: web.Request) -> Permission | None:
    """Who may call what was asked for; None where there is no such route."""
    route: Any = request.match_info.route
    return request.app[PERMISSIONS].get(id(route))


def query_of(request: web.Request) -> type[Query] | None:
    """The parameters that may be asked with; None for the page, whose address may carry anything."""
    route: Any = request.match_info.route
    return None if permission_of(request) in (None, Permission.OPEN) else request.app[DECLARED][id(route)].query


def takes_body(request: web.Request) -> bool:
    """Whether a body means something to the route that was asked for."""
    route: Any = request.match_info.route
    return request.app[DECLARED][id(route)].body is not None
