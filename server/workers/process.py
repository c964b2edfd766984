"""A worker in a process of its own, with frames over its standard input and output.

Its standard error goes to the log, and the last lines are kept to explain a death. The worker ends when its standard
input is closed, because then the server has ended.

The end of the process, not of its pipes, is the end of the worker: other processes may hold the pipes open. Processes
that the worker started end with it. On Linux a `warden` between server and worker ends them all, also when the server
ends. On other POSIX systems the worker leads a process group, which is killed at its end; processes that left the group
live on. On Windows processes that a node started live on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from server.shapes.worker_messages import Cancel, Expect, ExpectedRun, RunJob, ToWorker
from server.workers import frames
from server.workers.frames import Frame
from server.workers.log_limit import LogLimit
from server.workers.worker import MOST_JOBS, Job, WorkerExit

_LOG = logging.getLogger("jacquard.worker")
_KEPT_LINES, _LONGEST_LINE = 40, 500
_SECRETS = ("JACQUARD_TOKEN",)
_DRAIN_SECONDS = 1.0
"""Seconds to read what a worker wrote before its end, while other processes hold its pipes."""
_WARDEN_SECONDS = 10.0
_LARGEST_READ = 2**20
CRASH_NOTE_SLOT = 1024
CRASH_NOTE_BYTES = MOST_JOBS * CRASH_NOTE_SLOT
"""The size of the crash note, a file in which a worker notes its calls. It has a slot for each active run with a text
that ends with a zero byte: `<run> <node>` while a node is being called, empty otherwise."""


class ProcessWorker:
    """Runs `command` and exchanges frames with it."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        crash_note: Path | None = None,
        shorten: Callable[[str], str] = str,
    ) -> None:
        self._shorten = shorten
        self._command = tuple(command)
        self._crash_note = crash_note
        self._environment = {**os.environ, **(environment or {})}
        for name in _SECRETS:
            self._environment.pop(name, None)  # packs run in the worker
        self._process: asyncio.subprocess.Process | None = None
        self._exited = asyncio.Event()
        self._stderr_task: asyncio.Task[None] | None = None
        self._stderr_tail: deque[str] = deque(maxlen=_KEPT_LINES)
        self._frame_error = ""
        self._expected: frozenset[str] = frozenset()

    async def start(self) -> None:
        """Starts the process."""
        command, pipe = self._command, asyncio.subprocess.PIPE
        if self._crash_note is not None:
            try:
                self._crash_note.unlink(missing_ok=True)
                command = (*command, "--crash-note", str(self._crash_note))
            except OSError as error:
                # Without it the nodes of the last events are named when the worker dies.
                _LOG.warning("it cannot be noted which node is called: %s", error)
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.subprocess_exec(
            lambda: _Protocol(loop), *_warden(), *command,
            stdin=pipe, stdout=pipe, stderr=pipe, env=self._environment, start_new_session=True,
        )  # fmt: skip
        self._exited = protocol.exited
        self._process = asyncio.subprocess.Process(transport, protocol, loop)
        self._stderr_task = asyncio.create_task(self._read_stderr(self._process))

    async def submit(self, job: Job) -> None:
        """Sends a job."""
        await self._send(RunJob(run=job.run, targets=_listed(job.targets), done=list(job.done)), job.workflow.encode())

    async def expect(self, jobs: Sequence[Job]) -> None:
        """Sends the next jobs; a document that was sent the last time is not sent again."""
        documents = [b"" if job.run in self._expected else job.workflow.encode() for job in jobs]
        self._expected = frozenset(job.run for job in jobs)
        runs = [
            ExpectedRun(run=job.run, targets=_listed(job.targets), size=len(document))
            for job, document in zip(jobs, documents, strict=True)
        ]
        await self._send(Expect(runs=runs), b"".join(documents))

    async def cancel(self, run: str) -> None:
        """Requests the cancellation of a job."""
        await self._send(Cancel(run=run))

    async def messages(self) -> AsyncGenerator[Frame, None]:
        """Yields messages until the worker has ended. Invalid frames and a closed pipe end it."""
        process = self._started()
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            while (frame := await frames.read(process.stdout)) is not None:
                yield frame
            if not await _within(_DRAIN_SECONDS, self._exited.wait()):
                raise frames.FrameError("it closed its end of the pipe and went on")
        except frames.FrameError as error:
            self._frame_error = str(error)
            self.kill()

    async def ending(self) -> WorkerExit:
        """Waits for the process, and a moment for the rest of its output."""
        await self._exited.wait()
        if self._stderr_task is not None:
            await asyncio.wait((self._stderr_task,))
        return WorkerExit(
            self._started().returncode, "\n".join(self._stderr_tail), self._frame_error, self.read_crash_note()
        )

    async def stop(self, grace: float) -> None:
        """Closes its standard input; kills it after `grace` seconds."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        if not await _within(grace, self._exited.wait()):
            self.kill()
            await self._exited.wait()
        if self._stderr_task is not None:
            self._stderr_task.cancel()

    def kill(self) -> None:
        """Ends the process at once."""
        if self._process is None or self._exited.is_set():
            return
        with contextlib.suppress(ProcessLookupError):
            if _warden():
                self._process.terminate()  # the warden kills the worker and all its descendants
                asyncio.get_running_loop().call_later(_WARDEN_SECONDS, self._kill_warden)
            else:
                self._process.kill()

    def _kill_warden(self) -> None:
        if self._process is not None and not self._exited.is_set():
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def read_crash_note(self) -> dict[str, str]:
        """Returns the node that was being called, by run; empty without a readable note."""
        if self._crash_note is None:
            return {}
        try:
            page = self._crash_note.read_bytes()
        except OSError:
            return {}
        slots = (page[start : start + CRASH_NOTE_SLOT] for start in range(0, len(page), CRASH_NOTE_SLOT))
        notes = (slot.partition(b"\0")[0].decode("utf-8", "replace").partition(" ") for slot in slots)
        return {run: node for run, _, node in notes if node}

    def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("the worker was not started")
        return self._process

    async def _send(self, message: ToWorker, payload: bytes = b"") -> None:
        stdin = self._started().stdin
        if stdin is None or stdin.is_closing():
            return
        # `messages` notices that a worker has ended.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(frames.encode(message, payload))
            await stdin.drain()

    async def _read_stderr(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None  # noqa: S101
        rest, limit = "", LogLimit()
        while chunk := await process.stderr.read(2**16):
            *lines, rest = (rest + chunk.decode("utf-8", "replace")).replace("\r", "\n").split("\n")
            rest = rest[-_LONGEST_LINE:]
            lines_shown = [line[:_LONGEST_LINE] for line in lines if line.strip()]
            logged = limit.take(len(lines_shown))
            for line in map(self._shorten, lines_shown[:logged]):
                self._stderr_tail.append(line)
                _LOG.info("%s", line)
            self._stderr_tail.extend(map(self._shorten, lines_shown[logged:][-_KEPT_LINES:]))
            await asyncio.sleep(0)  # `read` does not pause while there are bytes; let other tasks run
        limit.report_left_out()
        if rest.strip():
            self._stderr_tail.append(self._shorten(rest))


class _Protocol(asyncio.subprocess.SubprocessStreamProtocol):
    """Sets `exited` when the process ends, and closes its pipes soon after, even if other processes hold them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(_LARGEST_READ, loop)
        self.exited = asyncio.Event()
        self._own_loop = loop
        self._own_transport: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert isinstance(transport, asyncio.SubprocessTransport)  # noqa: S101
        self._own_transport = transport

    def process_exited(self) -> None:
        transport = self._own_transport
        super().process_exited()
        self.exited.set()
        if transport is not None:
            _end_group(transport.get_pid())
            self._own_loop.call_later(_DRAIN_SECONDS, transport.close)


def _warden() -> tuple[str, ...]:
    """Returns the command of the warden that runs the worker; empty where there is none."""
    if sys.platform != "linux":
        return ()
    return (sys.executable, "-I", "-S", str(Path(__file__).with_name("warden.py")), str(os.getpid()))


def _end_group(leader: int) -> None:
    """Kills the remaining processes of a group."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)


async def _within(seconds: float, awaited: Awaitable[object]) -> bool:
    """Waits for at most `seconds`; returns whether it was done in time."""
    try:
        await asyncio.wait_for(awaited, seconds)
    except TimeoutError:
        return False
    return True


def _listed(targets: Sequence[str] | None) -> list[str] | None:
    return None if targets is None else list(targets)
