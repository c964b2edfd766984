"""A worker in a process of its own, spoken to in frames over its standard input and output.

What it writes to standard error goes to the log, and its end is kept to explain a death. The end of its standard
input tells the worker that the server is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path

from server import frames
from server.frames import Message
from server.worker import MOST_JOBS, Ending, Job

_LOG = logging.getLogger("jacquard.worker")
_KEPT_LINES, _LONGEST_LINE = 40, 500
_SECRETS = ("JACQUARD_TOKEN",)
BLACK_BOX_SLOT = 1024
BLACK_BOX_BYTES = MOST_JOBS * BLACK_BOX_SLOT
"""The size of the file in which a worker notes what it calls: a slot for each run at work, each with a text that ends
with a zero byte, `<run> <node>` while a node is being called and nothing otherwise."""


class ProcessWorker:
    """Runs `command` and speaks frames with it."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None, black_box: Path | None = None
    ) -> None:
        self._command = (*command, *(("--black-box", str(black_box)) if black_box else ()))
        self._black_box = black_box
        self._environment = {**os.environ, **(environment or {})}
        for name in _SECRETS:
            self._environment.pop(name, None)  # packs run in there
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._last_words: deque[str] = deque(maxlen=_KEPT_LINES)
        self._broken = ""
        self._expected: frozenset[str] = frozenset()

    @property
    def pid(self) -> int | None:
        """The process, for tests and people."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the process."""
        if self._black_box is not None:
            self._black_box.unlink(missing_ok=True)
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe, stderr=pipe, env=self._environment, limit=2**20
        )
        self._listening = asyncio.create_task(self._listen_to_errors(self._process))

    async def submit(self, job: Job) -> None:
        """Hand over a job."""
        targets = None if job.targets is None else list(job.targets)
        facts = {"type": "run", "run": job.run, "targets": targets, "done": list(job.done)}
        await self._send(frames.encode(facts, raw={"workflow": job.workflow}))

    async def expect(self, jobs: Sequence[Job]) -> None:
        """Tell what comes next; a document that was told the last time is not told again."""
        runs = [{"run": job.run, "targets": None if job.targets is None else list(job.targets)} for job in jobs]
        new = ",".join(f"{json.dumps(job.run)}:{job.workflow}" for job in jobs if job.run not in self._expected)
        self._expected = frozenset(job.run for job in jobs)
        await self._send(frames.encode({"type": "expect", "runs": runs}, raw={"workflows": f"{{{new}}}"}))

    async def cancel(self, run: str) -> None:
        """Ask a job to stop."""
        await self._send(frames.encode({"type": "cancel", "run": run}))

    async def messages(self) -> AsyncGenerator[Message, None]:
        """Everything until the pipe ends; what is no frame ends the worker."""
        process = self._started()
        assert process.stdout is not None  # noqa: S101 - asked for above
        try:
            while (message := await frames.read(process.stdout)) is not None:
                yield _with_events(message) if message.type == "events" else message
        except frames.FrameError as error:
            self._broken = str(error)
            self.kill()

    async def ending(self) -> Ending:
        """Wait for the process, and a moment for the rest of what it wrote."""
        code = await self._started().wait()
        if self._listening is not None:
            with contextlib.suppress(TimeoutError):
                # A process that the worker started may hold the pipe open for longer.
                await asyncio.wait_for(asyncio.shield(self._listening), 1)
        return Ending(code, "\n".join(self._last_words), self._broken, self._read_black_box())

    async def stop(self, grace: float) -> None:
        """Close its standard input; kill it when it is still there after `grace` seconds."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), grace)
        except TimeoutError:
            self.kill()
            await process.wait()
        if self._listening is not None:
            self._listening.cancel()

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _read_black_box(self) -> dict[str, str]:
        if self._black_box is None:
            return {}
        try:
            page = self._black_box.read_bytes()
        except OSError:
            return {}
        slots = (page[start : start + BLACK_BOX_SLOT] for start in range(0, len(page), BLACK_BOX_SLOT))
        notes = (slot.partition(b"\0")[0].decode("utf-8", "replace").partition(" ") for slot in slots)
        return {run: node for run, _, node in notes if node}

    def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("the worker was not started")
        return self._process

    async def _send(self, frame: bytes) -> None:
        stdin = self._started().stdin
        if stdin is None or stdin.is_closing():
            return
        # A worker that is gone is noticed where it is listened to.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(frame)
            await stdin.drain()

    async def _listen_to_errors(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None  # noqa: S101
        rest = ""
        while chunk := await process.stderr.read(2**16):
            *lines, rest = (rest + chunk.decode("utf-8", "replace")).replace("\r", "\n").split("\n")
            rest = rest[-_LONGEST_LINE:]
            for line in filter(str.strip, lines):
                self._last_words.append(line[:_LONGEST_LINE])
                _LOG.info("%s", line[:_LONGEST_LINE])
        if rest.strip():
            self._last_words.append(rest)


def _with_events(message: Message) -> Message:
    events = frames.from_json(message.payload)
    if not isinstance(events, list):
        raise frames.FrameError("the events of a run are no list")
    return Message({**message.data, "events": events}, message.payload)
