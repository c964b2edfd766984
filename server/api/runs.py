"""Runs: submit, list, look at, cancel, move, forget."""

from __future__ import annotations

from aiohttp import web

from graph.errors import WorkflowError
from server.errors import ApiError, refused
from server.reading import field, number, read_object
from server.routing import Permission, Route
from server.run import ENDED
from server.run_queue import Submission
from server.services import SERVICES

API = "/api/v1/runs"
_STATUSES = ("queued", "running", *sorted(ENDED))
_MAX_TEXT = 200


async def submit_run(request: web.Request) -> web.Response:
    """Put a workflow into the queue."""
    data = await read_object(request)
    if "workflow" not in data:
        raise ApiError(400, "wrong_shape", "'workflow' is missing.", "Send the workflow's document.")
    targets = field(data, "targets", list)
    if targets is not None and not all(isinstance(target, str) for target in targets):
        raise ApiError(400, "wrong_shape", "'targets' must be a list of node ids, which are text.")
    submission = Submission(
        workflow=data["workflow"],
        targets=targets,
        advance_seeds=field(data, "advance_seeds", bool, default=False),
        client=field(data, "client", str, "")[:_MAX_TEXT],
        key=field(data, "key", str, "")[:_MAX_TEXT] or None,
    )
    queue = request.app[SERVICES].queue
    try:
        run, changed = await queue.submit(submission)
    except WorkflowError as error:
        raise refused(error.problems) from None
    return web.json_response({"run": run, "changed": changed}, status=201)


async def list_runs(request: web.Request) -> web.Response:
    """Runs with some statuses."""
    statuses = request.query.get("status", ",".join(_STATUSES)).split(",")
    if unknown := [status for status in statuses if status not in _STATUSES]:
        raise ApiError(
            400, "wrong_shape", f"There is no status {unknown[0]!r}.", f"Use some of {', '.join(_STATUSES)}."
        )
    limit = number(request, "limit", 50, 1, 500)
    queue = request.app[SERVICES].queue
    return web.json_response({"runs": await queue.find(statuses, limit, request.query.get("before"))})


async def get_run(request: web.Request) -> web.Response:
    """One run, with what its nodes are doing."""
    queue = request.app[SERVICES].queue
    run_id = request.match_info["id"]
    answer = {"run": await queue.describe(run_id), "nodes": await queue.nodes(run_id)}
    if request.query.get("workflow"):
        answer["workflow"] = await queue.workflow(run_id)
    return web.json_response(answer)


async def get_events(request: web.Request) -> web.Response:
    """The kept events of a run."""
    queue = request.app[SERVICES].queue
    body = await queue.events(request.match_info["id"], number(request, "after", 0, 0, 2**53))
    return web.Response(body=body, content_type="application/json")


async def get_explanation(request: web.Request) -> web.Response:
    """What each node of a run did, and why."""
    queue = request.app[SERVICES].queue
    offset, limit = number(request, "offset", 0, 0, 2**31), number(request, "limit", 1_000, 1, 10_000)
    body = await queue.explanation(request.match_info["id"], offset, limit, request.query.get("node"))
    return web.Response(body=body, content_type="application/json")


async def cancel_run(request: web.Request) -> web.Response:
    """Ask a run to stop."""
    queue = request.app[SERVICES].queue
    return web.json_response({"run": await queue.cancel(request.match_info["id"])})


async def move_run(request: web.Request) -> web.Response:
    """Give a queued run another place."""
    position = field(await read_object(request), "position", int)
    if position is None:
        raise ApiError(400, "wrong_shape", "'position' is missing.", "Send a whole number; 0 is the front.")
    queue = request.app[SERVICES].queue
    return web.json_response({"run": await queue.move(request.match_info["id"], position)})


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
    Route("GET", f"{API}/{{id}}/events", get_events, Permission.READ, "Events of a run", ("after",), gives="Events"),
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
    Route("DELETE", f"{API}/{{id}}", forget_run, Permission.WRITE, "Forget a run that has ended"),
)
