"""Room in memory for bodies that are being read: of many large ones at once, some wait."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator

from aiohttp import web

from server.errors import ApiError

WAITING_SECONDS = 150.0
"""Longer than one piece of work may take (`server.runs.large_bodies`)."""


class Room:
    """A number of bytes, of which some are taken. Who waits is served in turn, for as long as the line moves."""

    def __init__(self, size: int, patience: float = WAITING_SECONDS) -> None:
        self.size = self.free = size
        self._patience = patience
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._moves = 0
        """How often some of it was given back."""

    @contextlib.asynccontextmanager
    async def hold(self, wanted: int) -> AsyncIterator[None]:
        """Take some of it for a while; when nothing moves for too long they are told to come again."""
        wanted = min(wanted, self.size)
        if wanted:
            await self._take(wanted)
        try:
            yield
        finally:
            self._give_back(wanted)

    async def _take(self, wanted: int) -> None:
        if not self._waiting and wanted <= self.free:
            self.free -= wanted
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, turn))
        try:
            moves = -1
            while not turn.done():
                if moves == self._moves:
                    raise TimeoutError
                moves = self._moves
                await asyncio.wait((turn,), timeout=self._patience)
        except BaseException as error:
            if turn.done():
                self._give_back(wanted)
            else:
                self._waiting.remove((wanted, turn))
                self._give_back(0)
            if isinstance(error, TimeoutError):
                remedy = "Send it again in a moment."
                raise ApiError(503, "busy", "Other large bodies are being read.", remedy) from None
            raise

    def _give_back(self, taken: int) -> None:
        self.free += taken
        self._moves += bool(taken)
        while self._waiting and self._waiting[0][0] <= self.free:
            wanted, turn = self._waiting.popleft()
            self.free -= wanted
            turn.set_result(None)


ROOM: web.AppKey[Room] = web.AppKey("ROOM", Room)
