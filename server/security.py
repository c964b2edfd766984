"""The door. Every request passes here first, in this order: Host, origin, token.

- Host must be on the list: a page that was rebound to this address comes with its own name. No other check would see
  it, since its requests are same-origin and a GET carries no Origin.
- Anything but the static page is refused when the browser says that another site asks. What changes state, and every
  websocket, must name our own origin, or none at all as programs do; `null` is another origin.
- The token comes as a cookie or as `Authorization: Bearer`.

Every answer says nosniff, that nobody may frame it and that no other site may embed it.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from server.errors import ApiError
from server.routing import Permission, permission_of
from server.settings import Settings

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_NOT_HERE = frozenset({"cross-site", "same-site"})
_REMEDY = "Open the address that the server printed when it started."
_ADDRESS = re.compile(r"^(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<four>[0-9.]+))(?P<port>:[0-9]+)?$")


def cookie_name(settings: Settings) -> str:
    """The cookie of this server: browsers share cookies between ports, so the port is in the name."""
    return f"jacquard_token_{settings.port}"


def door(settings: Settings) -> Middleware:
    """The middleware that lets requests in or not."""

    @web.middleware
    async def check(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            check_host(request, settings)
            permission = permission_of(request)
            if permission is not None and permission is not Permission.OPEN:
                check_origin(request, settings, permission)
                check_token(request, settings)
        except ApiError as error:
            return error.response()
        return await handler(request)

    return check


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on that every answer has."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", DATA_POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.popall("Server", None)


def check_host(request: web.Request, settings: Settings) -> None:
    """Refuse a Host that is not ours."""
    hosts = request.headers.getall("Host", [])
    if len(hosts) == 1 and is_our_host(hosts[0], settings):
        return
    name = hosts[0][:100] if hosts else "no host"
    raise ApiError(403, "wrong_host", f"This server does not answer to {name!r}.", f"{_REMEDY} See --allow-host.")


def is_our_host(host: str, settings: Settings) -> bool:
    """Whether a Host header (name or address, and port) is one that we answer to."""
    host = host.lower()
    if host in settings.allowed_hosts:
        return True
    if not settings.any_address or (match := _ADDRESS.match(host)) is None:
        return False
    try:
        ipaddress.ip_address(match["six"] or match["four"])
    except ValueError:
        return False
    return (match["port"] or ":80") == f":{settings.port}"


def check_origin(request: web.Request, settings: Settings, permission: Permission) -> None:
    """Refuse what another site asks for."""
    if request.headers.get("Sec-Fetch-Site", "none") in _NOT_HERE:
        raise ApiError(403, "wrong_origin", "Another site asked for this.", _REMEDY)
    if permission is Permission.READ:
        return
    origins = request.headers.getall("Origin", [])
    if not origins:
        return
    scheme, separator, host = origins[0].partition("://")
    ours = separator and scheme in ("http", "https") and host.lower() == request.headers["Host"].lower()
    if len(origins) != 1 or not ours or not is_our_host(host, settings):
        raise ApiError(403, "wrong_origin", f"A page of {origins[0][:100]!r} asked for this.", _REMEDY)


def check_token(request: web.Request, settings: Settings) -> None:
    """Refuse who does not know the token."""
    if not has_token(request, settings):
        remedy = f"{_REMEDY} Programs send 'Authorization: Bearer <token>'; it is in the file data/token."
        raise ApiError(401, "no_token", "The token is missing or wrong.", remedy)


def has_token(request: web.Request, settings: Settings) -> bool:
    """Whether the request carries the token."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    offered = [given.strip()] if kind.lower() == "bearer" else []
    cookie = request.cookies.get(cookie_name(settings))
    if cookie is not None:
        offered.append(cookie)
    return any(same(text, settings.token) for text in offered)


def same(given: str, token: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())
