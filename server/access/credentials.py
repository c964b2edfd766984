"""Authenticates a request: a program by the token, a page by its session.

- A program sends `Authorization: Bearer <token>`.
- A page has a cookie, which the browser sends, and a key, which the page adds: in the header `X-Jacquard-Key`; in the
  query of a picture, which a browser fetches without headers; or among the protocols of its websocket.

None of these is ever logged or returned.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from aiohttp import web

from server.access.launch import LaunchCodes
from server.access.routing import Permission
from server.access.sessions import Sessions
from server.access.sign_in_limit import SignInLimit
from server.errors import ApiError
from server.settings import Settings

KEY_HEADER = "X-Jacquard-Key"
KEY_QUERY = "key"
SUBPROTOCOL = "jacquard"
"""The protocol that the server selects when a websocket offers some; the key is offered as `key.<key>`."""
SESSION: web.RequestKey[str] = web.RequestKey("SESSION", str)
"""The session of the request; empty if the request carried the token."""
_MOST_COOKIES = 8


@dataclass(frozen=True, slots=True)
class AccessKeys:
    """Everything that gives access besides the token, which is in the settings."""

    sessions: Sessions
    opener: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    """The secret that `python main.py open` reads in the data folder: good for launch codes, until the server ends."""
    codes: LaunchCodes = field(default_factory=LaunchCodes)
    sign_in_limit: SignInLimit = field(default_factory=SignInLimit)


KEYS: web.AppKey[AccessKeys] = web.AppKey("KEYS", AccessKeys)


def cookie_name(settings: Settings, *, over_tls: bool = False) -> str:
    """The name of this server's cookie. Browsers share cookies between ports, so the name contains the port.

    Over TLS the name differs: a browser that has a cookie for TLS refuses one of the same name without TLS.
    """
    return f"{'__Secure-' if over_tls else ''}jacquard_token_{settings.port}"


def is_authorized(request: web.Request, settings: Settings, permission: Permission) -> bool:
    """Whether a request carries the token, or a session with its key. Raises `ApiError` after too many wrong tokens."""
    if (given := bearer(request)) is not None and is_token(request, given, settings):
        return True
    key = _key(request, permission)
    if not key:
        return False
    session = request.app[KEYS].sessions.verified(_cookies(request, settings), key)
    request[SESSION] = session
    return bool(session)


def is_signed_in(request: web.Request, settings: Settings) -> bool:
    """Whether the editor's page may be served. The page sends its key with every later request."""
    if request.app[KEYS].sessions.find(_cookies(request, settings)):
        return True
    return (given := bearer(request)) is not None and is_token(request, given, settings)


def bearer(request: web.Request) -> str | None:
    """Returns the token in the `Authorization` header."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return given.strip() if kind.lower() == "bearer" else None


def is_token(request: web.Request, given: str, settings: Settings) -> bool:
    """Whether a text is the token. Raises `ApiError` after too many wrong tokens.

    A random token cannot be guessed, so the right one is accepted even while the limit is exceeded.
    """
    sign_in_limit, address = request.app[KEYS].sign_in_limit, _address(request)
    if sign_in_limit.is_known_wrong(given):
        return False
    wait = sign_in_limit.wait(address)
    if (not wait or settings.token_is_drawn) and same(given, settings.token):
        return True
    if wait:
        raise ApiError(
            429, "too_many_guesses", "Too many wrong tokens came from there.",
            f"Wait {wait} s and try again, or run 'python main.py open' where Jacquard runs.",
            headers={"Retry-After": str(wait)},
        )  # fmt: skip
    sign_in_limit.record_failure(address, given)
    return False


def same(given: str, secret: str) -> bool:
    """Compares two secrets in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode("utf-8", "surrogatepass"))


def _cookies(request: web.Request, settings: Settings) -> list[str]:
    """All cookies with our names: another port or folder of the host may have set one with the same name."""
    found: list[str] = []
    names = {cookie_name(settings, over_tls=over_tls) for over_tls in (False, True)}
    for header in request.headers.getall("Cookie", []):
        for pair in header.split(";"):
            left, _, value = pair.strip().partition("=")
            if left in names and len(found) < _MOST_COOKIES:
                found.append(value.strip('"'))
    return found


def _key(request: web.Request, permission: Permission) -> str:
    if key := request.headers.get(KEY_HEADER):
        return key
    if permission is Permission.SOCKET:
        return next((text.removeprefix("key.") for text in offered(request) if text.startswith("key.")), "")
    return request.query.get(KEY_QUERY, "") if permission is Permission.READ else ""


def offered(request: web.Request) -> Iterator[str]:
    """Yields the protocols that a websocket request offers."""
    for header in request.headers.getall("Sec-WebSocket-Protocol", []):
        yield from (part.strip() for part in header.split(","))


def _address(request: web.Request) -> str:
    """The address of the client. A proxy on this machine appends the address of its client to `X-Forwarded-For`."""
    peer = request.remote or ""
    try:
        beside_us = ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return peer
    forwarded = request.headers.getall("X-Forwarded-For", [])
    return forwarded[-1].rpartition(",")[2].strip() or peer if beside_us and forwarded else peer
