"""A worker without a process: does what a script says, so that the server's side can be tested alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import MISSING, fields
from typing import Any

from graph.running import events
from server.workers.frames import Frame
from server.workers.worker import Job, WorkerExit

_REST: dict[str, dict[str, Any]] = {
    events.name_of(kind): {
        item.name: [*item.default] if item.default == () else item.default
        for item in fields(kind)
        if item.default is not MISSING and item.name != "preview"
    }
    for kind in events.Event.__subclasses__()
}
_REST["run_started"] |= {"targets": [], "to_run": [], "reused": [], "blocked": []}
_REST["node_failed"] |= {"problem": {"code": "node_failed", "message": "it is broken"}}
for _name in ("node_finished", "item_finished", "run_finished"):
    _REST[_name] |= {"seconds": 0.5}
_REST["run_finished"] |= {"status": "finished"}


def frame_of(data: dict[str, Any], payload: bytes = b"") -> Frame:
    """A frame as a worker may write one, whatever is in it; events are its payload."""
    head = dict(data)
    if head.get("type") == "events":
        payload = json.dumps(head.pop("events")).encode() if "events" in head else b""
    return Frame(json.dumps(head).encode(), payload)


class ToyWorker:
    """Ready at once; each job is `done` when `finish` is called, or at once if `quick`."""

    def __init__(self, *, quick: bool = True) -> None:
        self.quick = quick
        self.jobs: list[Job] = []
        self.cancelled: list[str] = []
        self.expected: list[list[str]] = []
        self.calling: dict[str, str] = {}
        self._said: asyncio.Queue[Frame | None] = asyncio.Queue()

    def say(self, payload: bytes = b"", **data: Any) -> None:
        """Say something; of events and ends only what matters to the test has to be named."""
        if data["type"] == "events":
            defaults = {"run": data["run"], "at": 1.0}
            data["events"] = [{**defaults, **_REST.get(event["event"], {}), **event} for event in data["events"]]
        if data["type"] == "done":
            data = {"problem_count": len(data["problems"]), **data}
        self.say_exactly(data, payload)

    def say_exactly(self, data: dict[str, Any], payload: bytes = b"") -> None:
        """Say something as it is."""
        self._said.put_nowait(frame_of(data, payload))

    def finish(self, run: str, status: str = "finished") -> None:
        self.say(type="done", run=run, status=status, problems=[])

    async def start(self) -> None:
        self.say(type="ready", device="toy")

    async def submit(self, job: Job) -> None:
        self.jobs.append(job)
        if self.quick:
            self.finish(job.run)

    async def expect(self, jobs: Sequence[Job]) -> None:
        self.expected.append([job.run for job in jobs])

    async def cancel(self, run: str) -> None:
        self.cancelled.append(run)

    async def messages(self) -> AsyncGenerator[Frame, None]:
        while (message := await self._said.get()) is not None:
            yield message

    async def ending(self) -> WorkerExit:
        return WorkerExit(0, calling=self.calling)

    async def stop(self, grace: float) -> None:
        self.kill()

    def kill(self) -> None:
        self._said.put_nowait(None)
