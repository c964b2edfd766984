"""Limits the number of connections, and how long each may stay silent (numbers: `server.limits`).

- At most `max_unauthenticated` connections may exist on which no request was authenticated; a further one closes the
  one that has been silent longest. So nobody can lock others out by holding connections open.
- The head of a request must arrive within a time. Its body may take any time, at a minimum rate.
- A request that the parser refuses is answered and logged without its content, because a header may be a secret.

The content of requests is not examined here.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from server.errors import ApiError
from server.http import refusals
from server.limits import Limits

_LOG = logging.getLogger("jacquard.server")
_LONGEST_HEADER = 32 * 2**10
_LATE = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Connection(web.RequestHandler):
    """One connection, which the application answers; it knows for what and since when the server waits."""

    def __init__(self, limiter: ConnectionLimiter, manager: web.Server, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            manager,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # as documented
            keepalive_timeout=3_600,  # `ConnectionLimiter` closes idle ones earlier
            max_field_size=_LONGEST_HEADER,
            max_line_size=_LONGEST_HEADER,
            auto_decompress=False,
        )
        self._limiter = limiter
        self.is_authenticated = False
        """Whether a request on it was authenticated."""
        self.since = loop.time()
        """When it last made progress."""
        self._state: tuple[Any, ...] = ("new",)
        self._received = self._received_before = 0
        self._asks_page = self._is_new_request = True
        self._last_count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Registers the connection."""
        super().connection_made(transport)
        self._limiter.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Removes the connection."""
        self._limiter.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts bytes and passes them to the parser."""
        if data:
            self._received += len(data)
            if self._is_new_request:
                self._asks_page, self._is_new_request = b"/api/" not in data[:4096].partition(b"\r\n")[0], False
        try:
            super().data_received(data)
        except Exception as error:  # noqa: BLE001 - its message may quote a header, and asyncio would log it
            self.log_exception(exc_info=error)
            if self.transport is not None:
                self.transport.abort()
        if self._request_count != self._last_count:
            self._last_count, self._is_new_request = self._request_count, True

    @property
    def is_busy(self) -> bool:
        """Whether an authenticated request is being answered, or a websocket is open."""
        return self.is_authenticated and (self._current_request is not None or self._payload_parser is not None)

    def check(self, now: float, limits: Limits) -> None:
        """Closes the connection if it exceeded a limit."""
        state, timeout = self._awaited(limits)
        if state != self._state:
            self._state, self.since, self._received_before = state, now, self._received
        elif state[0] == "body" and self._received - self._received_before >= limits.body_bytes:
            self.since, self._received_before = now, self._received
        elif timeout and now - self.since > timeout:
            self._time_out(state[0])

    def _awaited(self, limits: Limits) -> tuple[tuple[Any, ...], float]:
        """Returns what the server waits for, and the limit in seconds (0: none)."""
        count = self._request_count
        if self._payload_parser is not None:
            return ("websocket",), 0.0
        request = self._current_request
        if request is None:
            if self._is_new_request:
                return ("mute", count), limits.idle_seconds
            return ("head", count), limits.header_seconds
        content = request.content
        if not content.is_eof() and content.exception() is None and not self._reading_paused:
            return ("body", count), limits.body_seconds
        unsent = 0 if self.transport is None else self.transport.get_write_buffer_size()
        return ("answer", count, unsent), limits.unread_seconds if unsent else 0.0

    def _time_out(self, waited_for: str) -> None:
        request = self._current_request
        if waited_for == "body" and request is not None:
            refusal = ApiError(
                408, "too_slow", "The body did not come in time.", "Send it again over a faster connection."
            )
            request.content.set_exception(refusal)
        elif self.transport is not None:
            if waited_for == "head":
                self.transport.write(_LATE)
            if waited_for == "answer":
                self.transport.abort()
            self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - it quotes the request
    ) -> web.StreamResponse:
        """Answers a request that could not be parsed, or that failed outside of the application."""
        kind = type(exc).__name__ if exc is not None else "no cause"
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is on its way already")
        if status == 400:
            _LOG.info("a request could not be read (%s)", kind)
            return refusals.unreadable(is_too_long=isinstance(exc, LineTooLong), as_page=self._asks_page)
        level = logging.INFO if isinstance(exc, ConnectionError) else logging.ERROR  # a client may leave at any time
        _LOG.log(level, "a request failed outside of the application (%s)", kind)
        return refusals.failed(status)

    def log_exception(self, *_: Any, exc_info: Any = None, **__: Any) -> None:
        """Logs that a connection failed, without its content."""
        if not isinstance(exc_info, ApiError):
            _LOG.error("a connection failed (%s)", type(exc_info).__name__)


class ConnectionLimiter:
    """Accepts connections for a server and enforces the limits. Close it before the server."""

    def __init__(self, server: web.Server, limits: Limits) -> None:
        self._server = server
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._connections: dict[Connection, None] = {}
        self._servers: list[asyncio.Server] = []
        self._timer: asyncio.TimerHandle | None = None

    async def listen(self, opened: socket.socket, backlog: int = 128) -> None:
        """Accepts connections of a listening socket."""
        self._servers.append(await self._loop.create_server(self, sock=opened, backlog=backlog))

    def close(self) -> None:
        """Accepts no more connections."""
        for server in self._servers:
            server.close()
        if self._timer is not None:
            self._timer.cancel()

    def __call__(self) -> Connection:
        """Makes the protocol of a new connection."""
        return Connection(self, self._server, self._loop)

    def add(self, connection: Connection) -> None:
        """Registers a connection; closes another one if there are too many."""
        self._connections[connection] = None
        if self._timer is None:
            self._timer = self._loop.call_later(self._limits.tick, self._check)
        unauthenticated = [other for other in self._connections if not other.is_authenticated]
        if len(self._connections) > self._limits.max_connections:
            idle = [other for other in self._connections if not other.is_busy]
            self._close_oldest(unauthenticated[:-1] or idle or [connection])
        elif len(unauthenticated) > self._limits.max_unauthenticated:
            self._close_oldest(unauthenticated)

    def remove(self, connection: Connection) -> None:
        """Forgets a connection."""
        self._connections.pop(connection, None)

    def _close_oldest(self, some: list[Connection]) -> None:
        oldest = min(some, key=lambda connection: connection.since)
        self._connections.pop(oldest, None)
        if oldest.transport is not None:
            oldest.transport.abort()

    def _check(self) -> None:
        now = self._loop.time()
        for connection in list(self._connections):
            connection.check(now, self._limits)
        self._timer = self._loop.call_later(self._limits.tick, self._check) if self._connections else None
