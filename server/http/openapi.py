"""Describes the API for programs (OpenAPI 3.1), from the declared routes and their structs.

The operation of the websocket names the structs of its messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from server.access.routing import ROUTES as DECLARED
from server.access.routing import Permission, Route
from server.answers import json_answer
from server.shapes import files, messages, node_types, problems, workflows
from server.shapes.schema import components, described, reference

_PARAMETER = re.compile(r"\{(\w+)(?::[^}]*)?\}")
_PREFIX = "/api/"
_AS_KNOWN = {"304": "It is as the client knows it"}
_FURTHER = (
    (files.File, {**_AS_KNOWN, "206": "A part of it", "416": "There is no such part"}),
    (node_types.Catalogue, _AS_KNOWN),
    (workflows.WorkflowOpened, _AS_KNOWN),
)
"""Further answers of routes, by the struct that they return."""


def describe(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """Describes routes; those of the page are not part of the API."""
    of_api = [route for route in routes if route.path.startswith(_PREFIX)]
    paths: dict[str, dict[str, Any]] = {}
    for route in of_api:
        paths.setdefault(_PARAMETER.sub(r"{\1}", route.path), {})[route.method.lower()] = _operation(route)
    shapes = [shape for route in of_api for shape in (route.body, route.gives) if shape is not None]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Jacquard", "version": version or "0"},
        "paths": paths,
        "components": {
            "schemas": components(shapes),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


async def get_openapi(request: web.Request) -> web.Response:
    """Serves the description."""
    from server.services import SERVICES

    version = request.app[SERVICES].settings.versions.get("jacquard", "")
    declared = request.app[DECLARED]
    return json_answer(describe(declared, version))


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.answer.__name__,
        "summary": route.summary,
        "tags": [route.path.removeprefix(_PREFIX).split("/")[1]],
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_header_parameters(route)],
        "responses": {
            str(route.status): _content("OK", route.gives),
            **{status: {"description": what} for status, what in _further(route).items()},
            "default": _content("An error", problems.ErrorAnswer),
        },
    }
    if route.permission is Permission.SOCKET:
        operation["responses"] = {"101": {"description": "The websocket protocol from here on; see docs/api.md"}}
        operation["x-messages"] = {"sent": reference(messages.Hello), "received": reference(messages.ServerMessage)}
        operation["x-messages"]["received-binary"] = reference(messages.Preview)
    if route.body is not None:
        media = "multipart/form-data" if route.body is files.Upload else "application/json"
        operation["requestBody"] = {"required": True, "content": {media: {"schema": reference(route.body)}}}
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = _PARAMETER.findall(route.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    found = described(route.query)["properties"]
    return [{"name": name, "in": "query", **_parameter(schema)} for name, schema in found.items()]


def _parameter(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns the schema of a query field as a parameter, without null: a missing parameter is not null."""
    text = {"description": schema.pop("description")} if "description" in schema else {}
    if "anyOf" in schema:
        schema = next(part for part in schema["anyOf"] if part != {"type": "null"})
    return {**text, "schema": schema}


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    found: dict[str, str] = {}
    for header in route.headers:
        found[header.name] = " ".join(filter(None, [found.get(header.name), header.description]))
    return [
        {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
        for name, text in found.items()
    ]


def _further(route: Route) -> dict[str, str]:
    return next((further for shape, further in _FURTHER if shape is route.gives), {})


def _content(description: str, shape: Any) -> dict[str, Any]:
    if shape is None:
        return {"description": description}
    media = "*/*" if shape is files.File else "application/json"
    return {"description": description, "content": {media: {"schema": reference(shape)}}}


ROUTES = (Route("GET", "/api/v1/openapi.json", get_openapi, Permission.READ, "This description"),)
