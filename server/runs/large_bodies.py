"""Parses large bodies in a second process, one at a time, so that they do not block other requests.

A thread is not enough: parsing and writing JSON holds the interpreter's lock. The process is started when it is first
needed, and ended after an idle time. Its program is `server.runs.large_bodies_process`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.files.folders import Files
from server.errors import ApiError
from server.workers import frames

_ROOT = Path(__file__).resolve().parents[2]
_SECRETS = ("JACQUARD_TOKEN",)
IDLE_SECONDS, TIMEOUT_SECONDS = 60.0, 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of the process: facts, and a text."""

    facts: dict[str, Any]
    payload: bytes


class LargeBodyProcess:
    """The process, and the lock that lets one request use it at a time."""

    def __init__(
        self, files: Files, *, idle_seconds: float = IDLE_SECONDS, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self.request_count = 0
        """Number of requests, for tests."""
        self._files = files
        self._idle_seconds, self.timeout_seconds = idle_seconds, timeout_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._sent_node_types = ""
        self._timer: asyncio.TimerHandle | None = None
        self._reaping: set[asyncio.Task[None]] = set()

    @property
    def pid(self) -> int | None:
        """The number of the process, if there is one."""
        return None if self._process is None else self._process.pid

    async def ask(self, job: str, facts: dict[str, Any], *parts: bytes, node_types: bytes = b"") -> Answer:
        """Executes a job and returns its answer. Raises `ApiError`, also if it takes too much time or memory."""
        self.request_count += 1
        async with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            answer = None
            while answer is None:
                may_have_died_before = self._process is not None
                answer = await self._try({"type": job, **facts}, parts, node_types)
                if answer is None:
                    self._kill()
                    if not may_have_died_before:
                        raise _too_much()
            self._timer = asyncio.get_running_loop().call_later(self._idle_seconds, self._kill)
        if (refusal := answer.facts.get("refusal")) is not None:
            raise ApiError(answer.facts["status"], **refusal)
        return answer

    async def _try(self, facts: dict[str, Any], parts: tuple[bytes, ...], node_types: bytes) -> Answer | None:
        """Returns the answer, or None if the process died."""
        try:
            async with asyncio.timeout(self.timeout_seconds):
                process = await self._started()
                await self._send_node_types(process, node_types)
                sizes = [len(part) for part in parts]
                return await _exchange(process, {**facts, "sizes": sizes}, b"".join(parts))
        except TimeoutError as error:
            self._kill()
            raise _too_much() from error
        except (frames.FrameError, ConnectionError):
            return None
        except BaseException:
            self._kill()  # its next answer would belong to this request
            raise

    async def close(self) -> None:
        """Ends the process."""
        if self._timer is not None:
            self._timer.cancel()
        self._kill()
        await asyncio.gather(*self._reaping)

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            pipe = asyncio.subprocess.PIPE
            environment = {name: value for name, value in os.environ.items() if name not in _SECRETS}
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server.runs.large_bodies_process", stdin=pipe, stdout=pipe, cwd=_ROOT,
                env=environment
            )  # fmt: skip
            self._sent_node_types = ""
            await _exchange(self._process, {"type": "files", **_files_as_json(self._files)}, b"")
        return self._process

    async def _send_node_types(self, process: asyncio.subprocess.Process, node_types: bytes) -> None:
        digest = hashlib.sha256(node_types).hexdigest() if node_types else ""
        if digest and digest != self._sent_node_types:
            await _exchange(process, {"type": "node_types"}, node_types)
            self._sent_node_types = digest

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            reaping = asyncio.get_running_loop().create_task(_reap(process))
            self._reaping.add(reaping)
            reaping.add_done_callback(self._reaping.discard)


def _files_as_json(files: Files) -> dict[str, Any]:
    """Returns the folders as JSON-ready data."""
    roots = {kind: [str(root) for root in roots] for kind, roots in files.roots.items()}
    bundled = {kind: {name: str(path) for name, path in found.items()} for kind, found in files.bundled.items()}
    return {"roots": roots, "bundled": bundled}


async def _reap(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()


async def _exchange(process: asyncio.subprocess.Process, data: dict[str, Any], payload: bytes) -> Answer | None:
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(frames.encode(data, payload))
    await process.stdin.drain()
    frame = await frames.read(process.stdout)
    return Answer(frames.read_object(frame), frame.payload) if frame is not None else None


def _too_much() -> ApiError:
    return ApiError(
        413, "too_much", "Checking this takes more time or memory than one request may take.", "Make it smaller."
    )
