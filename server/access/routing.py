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
    """Everyone, after the Host check: the static page only."""
    READ = "read"
    """With the token."""
    WRITE = "write"
    """With the token, from the same origin."""
    SOCKET = "socket"
    """A websocket: with the token, from the same origin."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route, with its description for programs.

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
    """A route has no permission, so the server does not start."""


PERMISSIONS: web.AppKey[dict[int, Permission]] = web.AppKey("PERMISSIONS")
DECLARED: web.AppKey[dict[int, Route]] = web.AppKey("DECLARED")
ROUTES: web.AppKey[tuple[Route, ...]] = web.AppKey("ROUTES")


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Adds routes to an application, and stores their permissions."""
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
    """Answers an 'Expect' header; only 100-continue is supported."""
    if request.headers["Expect"].lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # what was written is no part of the answer
        return None
    return ApiError(417, "bad_expectation", "What 'Expect' asks for cannot be met.", "Leave it out.").response()


def refuse_undeclared(app: web.Application) -> None:
    """Raises `UndeclaredRouteError` for a route that was added in another way."""
    for route in app.router.routes():
        if id(route) not in app[PERMISSIONS]:
            raise UndeclaredRouteError(f"{route.method} {route.resource} has no permission; add it with add_routes")


def permission_of(request: web.Request) -> Permission | None:
    """Returns the permission of the requested route, or None if there is no such route."""
    route: Any = request.match_info.route
    return request.app[PERMISSIONS].get(id(route))


def query_of(request: web.Request) -> type[Query] | None:
    """Returns the declared parameters of the route; None for the page, which accepts any."""
    route: Any = request.match_info.route
    return None if permission_of(request) in (None, Permission.OPEN) else request.app[DECLARED][id(route)].query


def takes_body(request: web.Request) -> bool:
    """Whether the requested route reads a body."""
    route: Any = request.match_info.route
    return request.app[DECLARED][id(route)].body is not None
