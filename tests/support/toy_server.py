"""A server in this process with toys for workers: the whole application, and no process is started."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from graph.files.folders import Files
from server.application import make_application
from server.services import SERVICES, Services
from server.settings import Settings
from tests.support.toy_worker import ToyWorker


@asynccontextmanager
async def serving(
    folder: Path, worker: ToyWorker | Callable[[], ToyWorker], **more: Any
) -> AsyncIterator[tuple[TestClient, Services]]:  # type: ignore[type-arg]
    """A server in this process with a toy for a worker, or with a new one whenever one has died."""
    hosts = frozenset({"jacquard.test"})
    given = {"files": Files(), "worker_command": [], "token": "t" * 20, **more}
    settings = Settings(data=folder, allowed_hosts=hosts, **given)
    app = make_application(settings, (lambda: worker) if isinstance(worker, ToyWorker) else worker)
    headers = {"Host": "jacquard.test", "Authorization": f"Bearer {'t' * 20}"}
    async with TestClient(TestServer(app), headers=headers) as client:
        yield client, app[SERVICES]
