"""Runs: submit, list, look at, cancel, move, forget."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from aiohttp import web

from graph.document.literals import shown
from server.access.routing import Permission, Route
from server.errors import ApiError
from server.requests.json_body import field, flag, json_body, number, read_object, word
from server.services import SERVICES
from server.workers.worker import ENDED

API = "/api/v1/runs"
_AT_ONCE = 1_000
"""Nodes that are written as JSON before others have their turn."""
_FAR = 2**31
_STATUSES = ("queued", "running", *sorted(ENDED))


async def submit_run(request: web.Request) -> web.Response:
    """Put a workflow into the queue."""
    queue = request.app[SERVICES].queue
    async with json_body(request) as body:
        submission = await queue.examine(body)
    run, changed = await queue.submit(submission)
    return web.json_response({"run": run, "changed": changed}, status=201)


async def list_runs(request: web.Request) -> web.Response:
    """Runs with some statuses, page by page."""
    statuses = request.query.get("status", ",".join(_STATUSES)).split(",")
    if unknown := [status for status in statuses if status not in _STATUSES]:
        raise ApiError(
            400, "wrong_shape", f"There is no status {shown(unknown[0])}.", f"Use some of {', '.join(_STATUSES)}."
        )
    queue = request.app[SERVICES].queue
    runs, following = await queue.find(statuses, number(request, "limit", 50, 1, 500), word(request, "before"))
    parts = []
    for run in runs:  # each may name thousands of pictures
        parts.append(json.dumps(run))
        await asyncio.sleep(0)
    text = f'{{"runs": [{", ".join(parts)}], "next": {json.dumps(following)}}}'
    return web.Response(text=text, content_type="application/json")


async def get_run(request: web.Request) -> web.Response:
    """One run, with what its nodes are doing."""
    queue = request.app[SERVICES].queue
    run_id, with_document = request.match_info["id"], flag(request, "workflow")
    run, nodes = await queue.describe(run_id), await queue.nodes(run_id)
    text = f'{{"run": {json.dumps(run)}, "nodes": {await _object(nodes)}'
    if with_document:
        text = f'{text}, "workflow": {await queue.workflow(run_id)}'
    return web.Response(text=text + "}", content_type="application/json")


async def _object(items: Mapping[str, object]) -> str:
    """A large object as JSON, written in turns with what else there is to do."""
    pairs = list(items.items())
    parts = []
    for start in range(0, len(pairs), _AT_ONCE):
        parts.append(json.dumps(dict(pairs[start : start + _AT_ONCE]))[1:-1])
        await asyncio.sleep(0)
    return "{" + ", ".join(parts) + "}"


async def get_events(request: web.Request) -> web.Response:
    """The kept events of a run, page by page."""
    queue = request.app[SERVICES].queue
    after, limit = number(request, "after", 0, 0, 2**53), number(request, "limit", 10_000, 1, 10_000)
    body = await queue.events(request.match_info["id"], after, limit)
    return web.Response(body=body, content_type="application/json")


async def get_explanation(request: web.Request) -> web.Response:
    """What each node of a run did, and why."""
    queue = request.app[SERVICES].queue
    offset, limit = number(request, "offset", 0, 0, 2**31), number(request, "limit", 1_000, 1, 10_000)
    body = await queue.explanation(request.match_info["id"], offset, limit, word(request, "node"))
    return web.Response(body=body, content_type="application/json")


async def cancel_run(request: web.Request) -> web.Response:
    """Ask a run to stop."""
    queue = request.app[SERVICES].queue
    return web.json_response({"run": await queue.cancel(request.match_info["id"])})


async def move_run(request: web.Request) -> web.Response:
    """Give a queued run another place."""
    position = field(await read_object(request, ("position",)), "position", int)
    if position is None:
        raise ApiError(400, "wrong_shape", "'position' is missing.", "Send a whole number; 0 is the front.")
    queue = request.app[SERVICES].queue
    return web.json_response({"run": await queue.move(request.match_info["id"], min(max(position, 0), _FAR))})


async def forget_run(request: web.Request) -> web.Response:
    """Delete a run that has ended; its pictures stay."""
    await request.app[SERVICES].queue.forget(request.match_info["id"])
    return web.json_response({"id": request.match_info["id"]})


ROUTES = (
    Route(
        "POST", API, submit_run, Permission.WRITE, "Put a workflow into the queue", (), "Submission", "Submitted", 201
    ),
    Route("GET", API, list_runs, Permission.READ, "List runs", ("status", "limit", "before"), gives="Runs"),
    Route(
        "GET", f"{API}/{{id}}", get_run, Permission.READ, "One run and its nodes", ("workflow",), gives="RunAndNodes"
    ),
    Route(
        "GET",
        f"{API}/{{id}}/events",
        get_events,
        Permission.READ,
        "Events of a run",
        ("after", "limit"),
        gives="Events",
    ),
    Route(
        "GET",
        f"{API}/{{id}}/explanation",
        get_explanation,
        Permission.READ,
        "What each node of a run did, and why",
        ("offset", "limit", "node"),
        gives="Explanation",
    ),
    Route("POST", f"{API}/{{id}}/cancel", cancel_run, Permission.WRITE, "Ask a run to stop", gives="RunAnswer"),
    Route("POST", f"{API}/{{id}}/move", move_run, Permission.WRITE, "Move a queued run", (), "Move", "RunAnswer"),
    Route("DELETE", f"{API}/{{id}}", forget_run, Permission.WRITE, "Forget a run that has ended", gives="Forgotten"),
)
