"""Loads the packs again. The reports about packs are part of the node types."""

from __future__ import annotations

import asyncio

from aiohttp import web

from server.access.routing import Permission, Route
from server.answers import json_answer
from server.http.routes.system import API
from server.services import SERVICES
from server.shapes.system import WorkerAnswer


async def load_packs_again(request: web.Request) -> web.Response:
    """Forgets why packs were left out, and replaces the worker as soon as it has no job."""
    from graph.packs.quarantine import (
        try_again,
    )  # with all that loads packs, which the start of the server does not need

    services = request.app[SERVICES]
    await asyncio.to_thread(try_again, services.settings.data / "packs")
    services.supervisor.restart_when_idle()
    return json_answer(WorkerAnswer(worker=services.supervisor.state), 202)


ROUTES = (
    Route(
        "POST", f"{API}/packs/load", load_packs_again, Permission.WRITE, "Load the packs again",
        gives=WorkerAnswer, status=202,
    ),
)  # fmt: skip
