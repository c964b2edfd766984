"""The API described for programs (OpenAPI 3.1), made from the declared routes: what is not a route is not in here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from server.access.routing import ROUTES as DECLARED
from server.access.routing import Permission, Route
from server.http.schemas import SCHEMAS

_PARAMETER = re.compile(r"\{(\w+)(?::[^}]*)?\}")
_PREFIX = "/api/"
BINARY = "binary"
"""What a route gives that answers with a file."""
_AS_KNOWN = {"304": "It is as the client knows it"}
_ALSO = {
    BINARY: {**_AS_KNOWN, "206": "A part of it", "416": "There is no such part"},
    "NodeTypes": _AS_KNOWN,
    "Opened": _AS_KNOWN,
}
"""Further answers of routes, by what they give."""


def describe(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """The description of some routes; those of the page are not part of the API."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.path.startswith(_PREFIX):
            paths.setdefault(_PARAMETER.sub(r"{\1}", route.path), {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Jacquard", "version": version or "0"},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


async def get_openapi(request: web.Request) -> web.Response:
    """This description."""
    from server.services import SERVICES

    version = request.app[SERVICES].settings.versions.get("jacquard", "")
    routes = request.app[DECLARED]
    return web.json_response(describe(routes, version))


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.answer.__name__,
        "summary": route.summary,
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in _names(route)),
            *({"name": name, "in": "query", "schema": {"type": "string"}} for name in route.query),
        ],
        "responses": {
            str(route.status): _content("OK", route.gives),
            **{status: {"description": what} for status, what in _ALSO.get(route.gives, {}).items()},
            "default": _content("An error", "Error"),
        },
    }
    if route.permission is Permission.SOCKET:
        operation["responses"] = {"101": {"description": "The websocket protocol from here on; see docs/api.md"}}
    if route.body:
        media = "multipart/form-data" if route.body == "multipart" else "application/json"
        name = "Upload" if route.body == "multipart" else route.body
        operation["requestBody"] = {"required": True, "content": {media: {"schema": _reference(name)}}}
    return operation


def _names(route: Route) -> list[str]:
    return _PARAMETER.findall(route.path)


def _content(description: str, name: str) -> dict[str, Any]:
    if not name:
        return {"description": description}
    if name == BINARY:
        return {"description": description, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    return {"description": description, "content": {"application/json": {"schema": _reference(name)}}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


ROUTES = (Route("GET", "/api/v1/openapi.json", get_openapi, Permission.READ, "This description"),)
