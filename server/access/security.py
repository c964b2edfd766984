"""The access check. Every request passes it first: Host, then Origin, then credentials.

- Host must be allowed: a page that uses DNS rebinding sends its own host name. No other check would notice, because its
  requests are same-origin and a GET has no Origin.
- Everything except the static page is refused if the browser says that another site sent the request. Requests that
  change state, and websockets, must have an allowed Origin, or none, as programs do; `null` is not allowed. The allowed
  origins come from the names that the user allows, never from the Host header: see `origins`.
- The client must have the token or a session: see `credentials`.

Every response has headers against content sniffing, framing and embedding by other sites. Browsers send the Origin of a
form only if the referrer policy lets the page send its address to the server; hence that policy.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from server.access.credentials import is_authorized
from server.access.origins import how_to_allow, is_our_host, is_our_origin
from server.access.routing import Permission, permission_of
from server.errors import ApiError
from server.settings import Settings

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_NOT_HERE = frozenset({"cross-site", "same-site"})
_LONGEST_SHOWN = 100


def access_check(settings: Settings) -> Middleware:
    """Returns the middleware that refuses requests without access."""

    @web.middleware
    async def check(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        check_host(request, settings)
        permission = permission_of(request)
        if permission is not None and permission is not Permission.OPEN:
            check_origin(request, settings, permission)
            check_credentials(request, settings, permission)
        return await handler(request)

    return check


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Sets the headers that every response has."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", DATA_POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.popall("Server", None)


def check_host(request: web.Request, settings: Settings) -> None:
    """Refuses a Host that is not allowed."""
    hosts = request.headers.getall("Host", [])
    if len(hosts) == 1 and is_our_host(hosts[0], settings):
        return
    name = hosts[0][:_LONGEST_SHOWN] if hosts else "no host"
    flag = how_to_allow(name)
    allow = f"If that is its name here, start it with '{flag}'. Else open" if flag else "Open"
    raise ApiError(
        403, "wrong_host", f"This server does not answer to {name!r}.", f"{allow} the address that it printed."
    )


def check_origin(request: web.Request, settings: Settings, permission: Permission) -> None:
    """Refuses a request that another site sent."""
    if request.headers.get("Sec-Fetch-Site", "none") in _NOT_HERE:
        raise ApiError(403, "wrong_origin", "Another site asked for this.", "Use the page of this server.")
    if permission is Permission.READ:
        return
    origins = request.headers.getall("Origin", [])
    if not origins or (len(origins) == 1 and is_our_origin(origins[0], request.headers["Host"], settings)):
        return
    name = origins[0][:_LONGEST_SHOWN]
    scheme, _, host = name.partition("://")
    flag = how_to_allow(host) if scheme.lower() in ("http", "https") else ""
    allow = f"If that is this server's page, start it with '{flag}'. Else use" if flag else "Use"
    raise ApiError(403, "wrong_origin", f"A page of {name!r} asked for this.", f"{allow} the page of this server.")


def check_credentials(request: web.Request, settings: Settings, permission: Permission) -> None:
    """Refuses a request with neither the token nor a session."""
    if not is_authorized(request, settings, permission):
        remedy = (
            "Run 'python main.py open' where Jacquard runs. Programs send 'Authorization: Bearer <token>'; "
            "the token is what --token or JACQUARD_TOKEN said, else it is in the file data/token."
        )
        raise ApiError(401, "no_token", "The token is missing or wrong, or the session has ended.", remedy)
