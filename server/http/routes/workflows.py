"""Saved workflows: list, open, save, delete, earlier versions."""

from __future__ import annotations

import asyncio

from aiohttp import web

from server.access.routing import Permission, Route
from server.answers import json_answer
from server.requests.json_body import LARGE, json_body
from server.requests.query import read_query
from server.runs.submission import to_be_saved
from server.services import SERVICES
from server.shapes import workflows as shapes
from server.shapes.parameters import IF_MATCH, IF_NONE_MATCH, ONLY_NEW, GetWorkflow
from server.storage.saved_workflows import Saved

API = "/api/v1/workflows"


async def list_workflows(request: web.Request) -> web.Response:
    """Lists all saved workflows."""
    saved_workflows = request.app[SERVICES].saved_workflows
    return json_answer(await asyncio.to_thread(saved_workflows.overview))


async def get_workflow(request: web.Request) -> web.Response:
    """Returns a workflow, the list of its versions, or one of these."""
    saved_workflows, path = request.app[SERVICES].saved_workflows, request.match_info["path"]
    asked = read_query(request, GetWorkflow)
    if asked.versions:
        return json_answer(shapes.WorkflowVersions(versions=await asyncio.to_thread(saved_workflows.versions, path)))
    if asked.version:
        return _document(await asyncio.to_thread(saved_workflows.version, path, asked.version))
    saved = await asyncio.to_thread(saved_workflows.read, path)
    if saved.etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers={"ETag": saved.etag})
    return _document(saved)


async def put_workflow(request: web.Request) -> web.Response:
    """Saves a workflow, unless the newest version is not the one that the client saw."""
    saved_workflows, path = request.app[SERVICES].saved_workflows, request.match_info["path"]
    if_match, only_new = request.headers.get("If-Match"), request.headers.get("If-None-Match") == "*"
    large_bodies = request.app[SERVICES].large_bodies
    async with json_body(request) as body:
        if len(body) < LARGE:
            data = await asyncio.to_thread(to_be_saved, body)
        else:
            data = (await large_bodies.ask("save", {}, body)).payload
    saved = await asyncio.to_thread(saved_workflows.save, path, data, if_match=if_match, only_new=only_new)
    answer = shapes.WorkflowSaved(path=saved.path, etag=saved.etag, modified=saved.modified)
    return json_answer(answer, headers={"ETag": saved.etag})


async def delete_workflow(request: web.Request) -> web.Response:
    """Moves a workflow to its versions."""
    saved_workflows, path = request.app[SERVICES].saved_workflows, request.match_info["path"]
    await asyncio.to_thread(saved_workflows.delete, path, request.headers.get("If-Match"))
    return json_answer(shapes.WorkflowDeleted(path=path))


def _document(saved: Saved) -> web.Response:
    headers = {"ETag": saved.etag, "Cache-Control": "private, no-cache"}
    return web.Response(body=saved.data, content_type="application/json", headers=headers)


ROUTES = (
    Route("GET", API, list_workflows, Permission.READ, "All saved workflows", gives=shapes.Workflows),
    Route(
        "GET", f"{API}/{{path:.+}}", get_workflow, Permission.READ, "Open a workflow", GetWorkflow,
        gives=shapes.WorkflowOpened, headers=(IF_NONE_MATCH,),
    ),
    Route(
        "PUT", f"{API}/{{path:.+}}", put_workflow, Permission.WRITE, "Save a workflow", body=shapes.Workflow,
        gives=shapes.WorkflowSaved, headers=(IF_MATCH, ONLY_NEW),
    ),
    Route(
        "DELETE", f"{API}/{{path:.+}}", delete_workflow, Permission.WRITE, "Move a workflow to its versions",
        gives=shapes.WorkflowDeleted, headers=(IF_MATCH,),
    ),
)  # fmt: skip
