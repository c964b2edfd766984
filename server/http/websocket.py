"""The websocket: a client sends a hello with the last number it saw, and gets all later messages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from graph.base.suggestions import did_you_mean
from graph.document.json_text import DuplicateNameError, without_duplicates
from graph.document.literals import shown
from server.access.credentials import SESSION, SUBPROTOCOL, offered
from server.access.routing import Permission, Route
from server.errors import ApiError
from server.hub import Client, Hub
from server.services import SERVICES
from server.shapes.messages import PROTOCOL, Hello

_LOG = logging.getLogger("jacquard.server")
_HEARTBEAT, _HELLO_WITHIN, _LONGEST_MESSAGE, _MOST = 20.0, 30.0, 2**16, 100
MOST_MESSAGES, RATE_SECONDS = 200, 10.0
"""A page sends a hello when it opens and when it missed a message."""
_KEYS, _LONGEST_REASON = ("type", *Hello.__struct_fields__), 120
SOCKETS: web.AppKey[dict[web.WebSocketResponse, str]] = web.AppKey("SOCKETS")
"""Open websockets, each with its session."""


async def answer(request: web.Request) -> web.StreamResponse:
    """Serves one client until it disconnects."""
    sockets, services = request.app[SOCKETS], request.app[SERVICES]
    hub = services.hub
    if len(sockets) >= _MOST:
        raise ApiError(503, "too_many_clients", f"There are {_MOST} clients already.", "Close a page and try again.")
    protocols = tuple(offered(request))
    if protocols and SUBPROTOCOL not in protocols:  # aiohttp would log the offered protocols, which contain the key
        raise ApiError(
            400, "wrong_protocol", f"The only websocket protocol here is {SUBPROTOCOL!r}.", "Offer it, or none."
        )
    socket = web.WebSocketResponse(
        heartbeat=_HEARTBEAT, max_msg_size=_LONGEST_MESSAGE, compress=False, autoping=False, protocols=(SUBPROTOCOL,)
    )
    if not socket.can_prepare(request):
        raise ApiError(426, "websocket_only", "This address speaks the websocket protocol.", "Open it as a websocket.")
    await socket.prepare(request)
    sockets[socket] = request.get(SESSION, "")
    client = Client(services.snapshot)
    sending = asyncio.create_task(_keep_sending(socket, client, hub))
    try:
        await _listen(socket, client, hub)
    finally:
        hub.leave(client)
        sockets.pop(socket, None)
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await sending
    return socket


async def close_all(app: web.Application) -> None:
    """Closes all websockets."""
    sockets: dict[web.WebSocketResponse, str] = app[SOCKETS]
    for socket in list(sockets):
        await _close(socket, WSCloseCode.GOING_AWAY, b"the server is closing")


async def close_session(app: web.Application, session: str) -> None:
    """Closes the websockets of a session that has ended."""
    for socket in [socket for socket, of in app[SOCKETS].items() if of == session]:
        await _close(socket, WSCloseCode.POLICY_VIOLATION, b"signed out")


async def _close(socket: web.WebSocketResponse, code: WSCloseCode, why: bytes) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(socket.close(code=code, message=why), 1)


async def _listen(socket: web.WebSocketResponse, client: Client, hub: Hub) -> None:
    greeted = False
    heard = Rate()
    while True:
        try:
            message = await socket.receive(timeout=None if greeted else _HELLO_WITHIN)
        except TimeoutError:
            await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"say hello first")
            return
        if heard.is_too_much(time.monotonic()):
            await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"too many messages")
            return
        if message.type is WSMsgType.PING:
            await socket.pong(message.data)
            continue
        if message.type is WSMsgType.PONG:
            continue
        if message.type is not WSMsgType.TEXT:
            if message.type is WSMsgType.BINARY:
                await socket.close(code=WSCloseCode.UNSUPPORTED_DATA, message=b"only text is understood")
            return
        hello = read_hello(message.data)
        if isinstance(hello, str):
            why = hello.encode("utf-8", "replace")[:_LONGEST_REASON]
            await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=why)
            return
        hub.greet(client, hello.epoch, hello.seq)
        greeted = True


class Rate:
    """Limits the rate of messages: the answer to one may be a thousand times as long."""

    def __init__(self) -> None:
        self._since, self._count = 0.0, 0

    def is_too_much(self, now: float) -> bool:
        """Counts a message; returns whether there are too many."""
        if now - self._since > RATE_SECONDS:
            self._since, self._count = now, 0
        self._count += 1
        return self._count > MOST_MESSAGES


def read_hello(text: str) -> Hello | str:
    """Parses a hello; returns a text with the problem if it is invalid."""
    try:
        hello = json.loads(text, object_pairs_hook=without_duplicates)
    except DuplicateNameError as error:
        return f"hello has the key {shown(error.name, 30)} twice"
    except (ValueError, RecursionError):
        return "not JSON"
    if not isinstance(hello, dict) or hello.get("type") != "hello":
        return "only hello is understood"
    if unknown := next((key for key in hello if key not in _KEYS), None):
        return f"hello has the key {shown(unknown, 30)}, which is not known; {did_you_mean(unknown, _KEYS)}"
    if hello.get("protocol") != PROTOCOL:
        return f"this server speaks protocol {PROTOCOL}"
    try:
        return msgspec.convert(hello, Hello)
    except msgspec.ValidationError:
        return "epoch is text or null, seq a whole number"


async def _keep_sending(socket: web.WebSocketResponse, client: Client, hub: Hub) -> None:
    """Sends until the client disconnects. After an error the websocket is closed: the client connects again."""
    try:
        await _send(socket, client, hub)
    except Exception as error:  # noqa: BLE001 - a silent client would be worse
        _LOG.critical("messages could not be sent to a client, which is disconnected", exc_info=error)
        with contextlib.suppress(Exception):
            await socket.close(code=WSCloseCode.INTERNAL_ERROR, message=b"something went wrong in the server")


async def _send(socket: web.WebSocketResponse, client: Client, hub: Hub) -> None:
    while not socket.closed:
        await client.wake.wait()
        client.wake.clear()
        while True:
            if client.fell_behind:
                hub.catch_up(client)
            item = client.take()
            if item is None:
                break
            try:
                await (socket.send_str(item) if isinstance(item, str) else socket.send_bytes(item))
            except (ConnectionError, RuntimeError):
                return  # it disconnected; `_listen` notices that, too


ROUTES = (Route("GET", "/api/v1/ws", answer, Permission.SOCKET, "Everything that happens, numbered"),)
