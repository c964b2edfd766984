"""Limits the memory for request bodies: if many large ones arrive at once, some wait."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator

from aiohttp import web

from server.errors import ApiError

WAITING_SECONDS = 150.0
"""Longer than one piece of work may take (`server.runs.large_bodies`)."""


class MemoryLimit:
    """A number of bytes to reserve from. Requests wait in order, as long as some bytes are released now and then."""

    def __init__(self, size: int, timeout_seconds: float = WAITING_SECONDS) -> None:
        self.size = self.free = size
        self._timeout = timeout_seconds
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._releases = 0
        """How often bytes were released."""

    @contextlib.asynccontextmanager
    async def reserve(self, wanted: int) -> AsyncIterator[None]:
        """Reserves bytes during the context. Raises `ApiError` (503) if none are released for too long."""
        wanted = min(wanted, self.size)
        if wanted:
            await self._acquire(wanted)
        try:
            yield
        finally:
            self._release(wanted)

    async def _acquire(self, wanted: int) -> None:
        if not self._waiting and wanted <= self.free:
            self.free -= wanted
            return
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, granted))
        try:
            releases = -1
            while not granted.done():
                if releases == self._releases:
                    raise TimeoutError
                releases = self._releases
                await asyncio.wait((granted,), timeout=self._timeout)
        except BaseException as error:
            if granted.done():
                self._release(wanted)
            else:
                self._waiting.remove((wanted, granted))
                self._release(0)
            if isinstance(error, TimeoutError):
                remedy = "Send it again in a moment."
                raise ApiError(503, "busy", "Other large bodies are being read.", remedy) from None
            raise

    def _release(self, taken: int) -> None:
        self.free += taken
        self._releases += bool(taken)
        while self._waiting and self._waiting[0][0] <= self.free:
            wanted, granted = self._waiting.popleft()
            self.free -= wanted
            granted.set_result(None)


MEMORY_LIMIT: web.AppKey[MemoryLimit] = web.AppKey("ROOM", MemoryLimit)
