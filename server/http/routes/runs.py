"""Runs: submit, list, read, cancel, move, delete."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from graph.document.literals import shown
from server.access.routing import Permission, Route
from server.answers import json_answer
from server.errors import ApiError
from server.requests.body_shape import read_small_body
from server.requests.json_body import json_body
from server.requests.query import read_query
from server.runs.node_states import NodeState
from server.services import SERVICES
from server.shapes import runs as shapes
from server.shapes.encoding import encoded, forwarded
from server.shapes.events import Events
from server.shapes.explanations import RunExplanation
from server.shapes.parameters import ExplainRun, GetRun, ListEvents, ListRuns
from server.workers.worker import ENDED

API = "/api/v1/runs"
_AT_ONCE = 1_000
"""How many nodes are encoded before other tasks may run."""
_FAR = 2**31
_STATUSES = ("queued", "running", *sorted(ENDED))


async def submit_run(request: web.Request) -> web.Response:
    """Adds a workflow to the queue."""
    queue = request.app[SERVICES].queue
    async with json_body(request) as body:
        submission = await queue.examine(body)
    return json_answer(await queue.submit(submission), 201)


async def list_runs(request: web.Request) -> web.Response:
    """Lists runs by status."""
    asked = read_query(request, ListRuns)
    statuses = list(_STATUSES) if asked.status is None else asked.status.split(",")
    if unknown := [status for status in statuses if status not in _STATUSES]:
        raise ApiError(
            400, "wrong_shape", f"There is no status {shown(unknown[0])}.", f"Use some of {', '.join(_STATUSES)}."
        )
    queue = request.app[SERVICES].queue
    page = await queue.find(statuses, asked.limit, asked.before)
    for place, run in enumerate(page.runs):  # each may name thousands of pictures
        page.runs[place] = encoded(run)
        await asyncio.sleep(0)
    return json_answer(page)


async def get_run(request: web.Request) -> web.Response:
    """Returns a run with the states of its nodes."""
    queue = request.app[SERVICES].queue
    run_id, with_document = request.match_info["id"], read_query(request, GetRun).workflow
    detail = shapes.RunDetail(run=await queue.describe(run_id), nodes=await _encoded(await queue.nodes(run_id)))
    if with_document:
        detail.workflow = forwarded(await queue.workflow(run_id))
    return json_answer(detail)


async def _encoded(states: Mapping[str, NodeState]) -> dict[str, Any]:
    """Encodes the states of many nodes in steps, between which other tasks run."""
    written = {}
    for place, (node, state) in enumerate(list(states.items()), 1):
        written[node] = encoded(state)
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return written


async def get_events(request: web.Request) -> web.Response:
    """Lists the stored events of a run."""
    queue = request.app[SERVICES].queue
    asked = read_query(request, ListEvents)
    body = await queue.events(request.match_info["id"], asked.after, asked.limit)
    return web.Response(body=body, content_type="application/json")


async def get_explanation(request: web.Request) -> web.Response:
    """Explains what each node of a run did and why."""
    queue = request.app[SERVICES].queue
    asked = read_query(request, ExplainRun)
    body = await queue.explanation(request.match_info["id"], asked.offset, asked.limit, asked.node)
    return web.Response(body=body, content_type="application/json")


async def cancel_run(request: web.Request) -> web.Response:
    """Cancels a run."""
    queue = request.app[SERVICES].queue
    return json_answer(shapes.RunAnswer(run=await queue.cancel(request.match_info["id"])))


async def move_run(request: web.Request) -> web.Response:
    """Moves a queued run."""
    position = (await read_small_body(request, shapes.Move)).position
    queue = request.app[SERVICES].queue
    return json_answer(shapes.RunAnswer(run=await queue.move(request.match_info["id"], min(max(position, 0), _FAR))))


async def forget_run(request: web.Request) -> web.Response:
    """Deletes a run that has ended; its pictures stay."""
    await request.app[SERVICES].queue.forget(request.match_info["id"])
    return json_answer(shapes.RunForgotten(id=request.match_info["id"]))


ROUTES = (
    Route(
        "POST", API, submit_run, Permission.WRITE, "Put a workflow into the queue", body=shapes.Submission,
        gives=shapes.Submitted, status=201,
    ),
    Route("GET", API, list_runs, Permission.READ, "List runs", ListRuns, gives=shapes.Runs),
    Route("GET", f"{API}/{{id}}", get_run, Permission.READ, "One run and its nodes", GetRun, gives=shapes.RunDetail),
    Route(
        "GET", f"{API}/{{id}}/events", get_events, Permission.READ, "Events of a run", ListEvents, gives=Events,
    ),
    Route(
        "GET", f"{API}/{{id}}/explanation", get_explanation, Permission.READ, "What each node of a run did, and why",
        ExplainRun, gives=RunExplanation,
    ),
    Route("POST", f"{API}/{{id}}/cancel", cancel_run, Permission.WRITE, "Ask a run to stop", gives=shapes.RunAnswer),
    Route(
        "POST", f"{API}/{{id}}/move", move_run, Permission.WRITE, "Move a queued run", body=shapes.Move,
        gives=shapes.RunAnswer,
    ),
    Route(
        "DELETE", f"{API}/{{id}}", forget_run, Permission.WRITE, "Forget a run that has ended",
        gives=shapes.RunForgotten,
    ),
)  # fmt: skip
