"""A worker without a process: does what a script says, so that the server's side can be tested alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from server.frames import Message
from server.worker import Ending, Job


class ToyWorker:
    """Ready at once; each job is `done` when `finish` is called, or at once if `quick`."""

    def __init__(self, *, quick: bool = True) -> None:
        self.quick = quick
        self.jobs: list[Job] = []
        self.cancelled: list[str] = []
        self.expected: list[list[str]] = []
        self.calling: dict[str, str] = {}
        self._said: asyncio.Queue[Message | None] = asyncio.Queue()

    def say(self, **data: Any) -> None:
        self._said.put_nowait(Message(data))

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

    async def messages(self) -> AsyncGenerator[Message, None]:
        while (message := await self._said.get()) is not None:
            yield message

    async def ending(self) -> Ending:
        return Ending(0, calling=self.calling)

    async def stop(self, grace: float) -> None:
        self.kill()

    def kill(self) -> None:
        self._said.put_nowait(None)
