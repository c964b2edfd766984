"""The installation: versions and worker, node types, choices."""

from __future__ import annotations

import asyncio

from aiohttp import web

from server.access.routing import Permission, Route
from server.answers import json_answer
from server.errors import not_found
from server.requests.query import read_query
from server.services import SERVICES
from server.shapes import node_types
from server.shapes.files import Choices, LeftOut
from server.shapes.parameters import IF_NONE_MATCH, GetChoices
from server.shapes.system import SystemInfo

API = "/api/v1"
_ASK = "private, no-cache"


async def get_system(request: web.Request) -> web.Response:
    """Returns versions, worker and folders."""
    services = request.app[SERVICES]
    settings = services.settings
    return json_answer(
        SystemInfo(
            name="Jacquard",
            version=settings.versions.get("jacquard", ""),
            versions=dict(settings.versions),
            epoch=services.hub.epoch,
            worker=services.supervisor.state,
            folders=sorted(kind for kind, roots in settings.files.roots.items() if roots),
        )
    )


async def get_node_types(request: web.Request) -> web.Response:
    """Returns the node types that the last worker reported."""
    catalogue = request.app[SERVICES].catalogue
    headers = {"ETag": catalogue.etag, "Cache-Control": _ASK, "Vary": "Accept-Encoding"}
    if catalogue.etag and catalogue.etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return web.Response(body=catalogue.compressed, content_type="application/json", headers=headers)
    return web.Response(body=catalogue.body, content_type="application/json", headers=headers)


async def get_choices(request: web.Request) -> web.Response:
    """Returns the names for a file input of a folder, and the files that are left out, with reasons."""
    files = request.app[SERVICES].settings.files
    folder = request.match_info["folder"]
    if folder not in files.roots:
        raise not_found(f"folder {folder!r}")
    fits = tuple(filter(None, read_query(request, GetChoices).fits.split(",")))
    listing = await asyncio.to_thread(files.listing, folder, fits)
    left_out = [LeftOut(name=item.name, reason=item.reason) for item in listing.left_out]
    return json_answer(Choices(folder=folder, names=list(listing.names), left_out=left_out))


ROUTES = (
    Route("GET", f"{API}/system", get_system, Permission.READ, "Versions, worker and folders", gives=SystemInfo),
    Route(
        "GET", f"{API}/node-types", get_node_types, Permission.READ, "All node types", gives=node_types.Catalogue,
        headers=(IF_NONE_MATCH,),
    ),
    Route(
        "GET", f"{API}/choices/{{folder}}", get_choices, Permission.READ, "What a file input may be", GetChoices,
        gives=Choices,
    ),
)  # fmt: skip
