"""Pictures and other files of the user: the gallery, the files themselves, thumbnails, uploads.

Raster images, video and audio may be displayed; everything else is sent as a download, above all SVG and HTML.
"""

from __future__ import annotations

import asyncio
from itertools import islice
from pathlib import Path
from typing import Any

from aiohttp import web

import pictures
from graph.files.folders import FileNameError, Files
from server.access.routing import Permission, Route
from server.answers import json_answer
from server.errors import ApiError, not_found
from server.requests.query import read_query
from server.runs import store
from server.services import SERVICES
from server.shapes.artifacts import Output, Outputs
from server.shapes.files import File, Upload, Uploaded
from server.shapes.messages import ChoicesChanged
from server.shapes.parameters import IF_NONE_MATCH, RANGE, GetFile, GetThumbnail, ListOutputs
from server.storage import artifact_urls, uploads

API = "/api/v1"
_FOLDERS = ("input", "output", "temp")
_SHOWN = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif",
    ".bmp": "image/bmp", ".avif": "image/avif", ".mp4": "video/mp4", ".webm": "video/webm", ".mp3": "audio/mpeg",
    ".wav": "audio/wav", ".ogg": "audio/ogg", ".flac": "audio/flac",
}  # fmt: skip
_LOOK, _MOST_LOOKS = 600, 50
"""How many entries are read in a step, and how many steps there are at most: then a page may be shorter."""
_FOREVER, _ASK = "private, max-age=31536000, immutable", "private, no-cache"


async def list_outputs(request: web.Request) -> web.Response:
    """Lists pictures that runs made and that still exist, newest first."""
    asked = read_query(request, ListOutputs)
    limit, before = asked.limit, asked.before or None
    services = request.app[SERVICES]
    files = services.settings.files
    page: list[Output] = []
    for _ in range(_MOST_LOOKS):
        found = await services.database.do(lambda db, before=before: store.outputs(db, _LOOK, before))  # type: ignore[misc]
        page += await asyncio.to_thread(_that_are_there, found, files, limit + 1 - len(page))
        before = found[-1]["id"] if len(found) == _LOOK else None
        if before is None or len(page) > limit:
            break
    following = page[limit - 1].id if len(page) > limit else before
    return json_answer(Outputs(outputs=page[:limit], next=following))


def _that_are_there(found: list[dict[str, Any]], files: Files, most: int) -> list[Output]:
    there = (output for output in found if artifact_urls.is_there(output, files))
    return [Output(**{**output, **artifact_urls.describe(output, files)}) for output in islice(there, most)]


async def get_file(request: web.Request) -> web.StreamResponse:
    """Serves a file, completely or in ranges."""
    path, keeping = await asyncio.to_thread(_find, request)
    media = _SHOWN.get(path.suffix.lower())
    response = web.FileResponse(path)
    response.headers["Content-Type"] = media or "application/octet-stream"
    response.headers["Cache-Control"] = keeping
    if media is None:
        response.headers["Content-Disposition"] = "attachment"
    return response


async def get_thumbnail(request: web.Request) -> web.Response:
    """Serves a WebP thumbnail of a picture."""
    path, keeping = await asyncio.to_thread(_find, request)
    size = read_query(request, GetThumbnail).size
    try:
        etag, data = await request.app[SERVICES].thumbnails.get(path, size)
    except pictures.formats.PictureError as error:
        raise ApiError(415, "not_a_picture", f"There is no thumbnail: {error}.") from None
    headers = {"ETag": etag, "Cache-Control": keeping}
    if etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    return web.Response(body=data, content_type="image/webp", headers=headers)


async def upload(request: web.Request) -> web.Response:
    """Stores an uploaded picture in the input folder."""
    services = request.app[SERVICES]
    name = await uploads.receive(
        request, services.settings.files, services.settings.max_upload, services.picture_threads
    )
    services.settings.files.forget_listings()
    services.hub.publish(ChoicesChanged(folder="input"))
    return json_answer(Uploaded(name=name), 201)


def _find(request: web.Request) -> tuple[Path, str]:
    """Returns the requested file, and how long its answer may be cached: for ever only with its present version."""
    folder, name = request.match_info["folder"], request.match_info["name"]
    if folder not in _FOLDERS:
        raise not_found(f"folder {folder!r}")
    try:
        path = request.app[SERVICES].settings.files.path(folder, name)
    except FileNameError as error:
        raise ApiError(404, "not_found", f"{error}.", error.remedy) from None
    if not path.is_file():
        raise not_found(f"file {name!r} in {folder}")
    try:
        is_asked_for = request.query.get("v") == artifact_urls.version_of(path)
    except OSError:  # it went away just now
        raise not_found(f"file {name!r} in {folder}") from None
    return path, _FOREVER if is_asked_for else _ASK


ROUTES = (
    Route("GET", f"{API}/outputs", list_outputs, Permission.READ, "Pictures, newest first", ListOutputs, gives=Outputs),
    Route(
        "GET", f"{API}/files/{{folder}}/{{name:(?s:.+)}}", get_file, Permission.READ, "A file", GetFile,
        gives=File, headers=(RANGE, IF_NONE_MATCH),
    ),
    Route(
        "GET", f"{API}/thumbnails/{{folder}}/{{name:(?s:.+)}}", get_thumbnail, Permission.READ, "A small WebP",
        GetThumbnail, gives=File, headers=(IF_NONE_MATCH,),
    ),
    Route(
        "POST", f"{API}/uploads", upload, Permission.WRITE, "Upload a picture", body=Upload, gives=Uploaded, status=201
    ),
)  # fmt: skip
