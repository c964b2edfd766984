"""Runs at work in a toy worker: submitted, two of them at a time, and what the end of a worker leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from server.services import Services
from tests.support.toy_worker import ToyWorker

NODES = {"1": {"type": "Sample"}, "2": {"type": "Save"}}


async def until(true: Callable[[], object]) -> None:
    while not true():
        await asyncio.sleep(0)


async def submit(client: Any, count: int) -> list[str]:
    body = {"workflow": {"jacquard": 1, "nodes": NODES}}
    return [(await (await client.post("/api/v1/runs", json=body)).json())["run"]["id"] for _ in range(count)]


async def run_of(client: Any, run: str) -> dict[str, Any]:
    return dict((await (await client.get(f"/api/v1/runs/{run}")).json())["run"])


def events(worker: ToyWorker, run: str, told: Iterable[tuple[str, str]], first: int = 1) -> None:
    started = {"targets": ["2"], "to_run": ["1", "2"], "reused": [], "blocked": []}
    more: dict[str, dict[str, Any]] = {"run_started": started, "node_finished": {"seconds": 0.1, "artifacts": []}}
    worker.say(
        type="events",
        run=run,
        events=[
            {"event": name, "number": first + index, **({"node": node} if node else {}), **more.get(name, {})}
            for index, (name, node) in enumerate(told)
        ],
    )


async def two_at_work(client: Any, worker: ToyWorker) -> list[str]:
    """Three runs: the first draining and calling its node 2, the second calling its node 1, the third queued."""
    a, b, c = await submit(client, 3)
    await until(lambda: worker.jobs)
    events(worker, a, [("run_started", ""), ("node_started", "1"), ("node_finished", "1"), ("node_started", "2")])
    worker.say(type="draining", run=a)
    await until(lambda: len(worker.jobs) == 2)
    events(worker, b, [("run_started", ""), ("node_started", "1")])
    return [a, b, c]


class Deaths:
    """Makes workers that are ready at once; `worker` is the newest."""

    def __init__(self) -> None:
        self.made: list[ToyWorker] = []

    def __call__(self) -> ToyWorker:
        self.made.append(ToyWorker(quick=False))
        return self.made[-1]

    @property
    def worker(self) -> ToyWorker:
        return self.made[-1]

    async def die(self, **calling: str) -> None:
        """End the worker; returns when there is another."""
        count = len(self.made)
        self.worker.calling = calling
        self.worker.kill()
        await until(lambda: len(self.made) > count and self.worker.jobs)


def order(services: Services) -> list[str]:
    return [*services.dispatcher.attempts, *services.queue_order.run_ids]
