"""Each route says who may call it, with which parameters, and whether a body means something."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.access.routing import (
    Permission,
    Route,
    UndeclaredRouteError,
    add_routes,
    permission_of,
    query_of,
    refuse_undeclared,
    takes_body,
)
from server.shapes.parameters import ListOutputs
from tests.support.serving import asynchronous


async def tell(request: web.Request) -> web.Response:
    asked = query_of(request)
    permission = permission_of(request)
    return web.json_response([permission, asked and asked.__name__, takes_body(request)])


ROUTES = [
    Route("GET", "/page", tell, Permission.OPEN, "The page"),
    Route("GET", "/list", tell, Permission.READ, "A list", query=ListOutputs),
    Route("POST", "/runs/{id}", tell, Permission.WRITE, "Do it", body=dict),
]


@asynccontextmanager
async def client() -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    app = web.Application()
    add_routes(app, ROUTES)
    async with TestClient(TestServer(app)) as found:
        yield found


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", "/page?anything=1", ["open", None, False]),
        ("GET", "/list", ["read", "ListOutputs", False]),
        ("POST", "/runs/7", ["write", "NoQuery", True]),
    ],
)
@asynchronous
async def test_a_request_finds_what_its_route_declares(method: str, path: str, told: list[object]) -> None:
    async with client() as asking, asking.request(method, path) as response:
        assert await response.json() == told


@asynchronous
async def test_there_is_no_permission_where_there_is_no_route() -> None:
    seen: list[Permission | None] = []

    @web.middleware
    async def look(request: web.Request, handler: object) -> web.StreamResponse:
        seen.append(permission_of(request))
        return web.Response()

    app = web.Application(middlewares=[look])
    add_routes(app, ROUTES)
    async with TestClient(TestServer(app)) as asking:
        await asking.get("/nowhere")
        await asking.post("/list")
    assert seen == [None, None]


def test_a_route_that_came_another_way_keeps_the_server_from_starting() -> None:
    app = web.Application()
    add_routes(app, ROUTES)
    refuse_undeclared(app)
    app.router.add_get("/behind", tell)
    with pytest.raises(UndeclaredRouteError, match=r"(GET|HEAD) .*/behind.* has no permission"):
        refuse_undeclared(app)


@asynchronous
async def test_what_a_client_expects_first_is_met_or_refused() -> None:
    async with client() as asking:
        async with asking.post("/runs/7", data=b"{}", headers={"Expect": "100-continue"}) as response:
            assert response.status == 200
        async with asking.post("/runs/7", data=b"{}", headers={"Expect": "a miracle"}) as response:
            assert response.status == 417
            assert (await response.json())["error"]["code"] == "bad_expectation"
