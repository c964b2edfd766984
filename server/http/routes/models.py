"""Model files: what each is, and what persons set against how it looks."""

from __future__ import annotations

import asyncio
import hashlib

from aiohttp import web

from server.access.routing import Permission, Route
from server.answers import JSON, json_answer
from server.errors import not_found
from server.requests.body_shape import read_small_body
from server.services import SERVICES
from server.settings import ModelCollection
from server.shapes.encoding import encode
from server.shapes.messages import ChoicesChanged
from server.shapes.models import ModelAnswer, ModelOverride, Models
from server.shapes.parameters import IF_NONE_MATCH

API = "/api/v1/models"


async def get_models(request: web.Request) -> web.Response:
    """Returns the model files that are known by now; asked again, more of them, until all new ones were read."""
    etag, body = await asyncio.to_thread(_encoded, _collection(request))
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    answer = web.Response(body=body, headers=headers, content_type=JSON, charset="utf-8")
    answer.enable_compression()
    return answer


async def override_model(request: web.Request) -> web.Response:
    """Sets what a file is, and tells all clients that choices changed."""
    wanted = await read_small_body(request, ModelOverride)
    services = request.app[SERVICES]
    model = await asyncio.to_thread(_collection(request).override, wanted)
    services.settings.files.forget_listings()
    services.hub.publish(ChoicesChanged(folder=model.folder))
    return json_answer(ModelAnswer(model=model))


def _collection(request: web.Request) -> ModelCollection:
    models = request.app[SERVICES].settings.models
    if models is None:
        raise not_found("list of models")
    return models


def _encoded(models: ModelCollection) -> tuple[str, bytes]:
    body = encode(models.listing())
    return f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"', body


ROUTES = (
    Route(
        "GET", API, get_models, Permission.READ, "What the model files are", gives=Models, headers=(IF_NONE_MATCH,)
    ),
    Route(
        "POST", f"{API}/override", override_model, Permission.WRITE, "Say what a model file is", body=ModelOverride,
        gives=ModelAnswer,
    ),
)  # fmt: skip
