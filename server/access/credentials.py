"""Who is asking: a program with the token, or a page with its session.

- Programs send `Authorization: Bearer <token>`.
- A page has a cookie, which the browser sends by itself, and a key that it adds: in the header `X-Jacquard-Key`; in the
  query of a picture, which a browser fetches without headers; and among the protocols of its websocket.

Nothing of this is ever logged or told.
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
"""What a websocket that offers protocols is answered with; its key is `key.<key>` among the others."""
SESSION: web.RequestKey[str] = web.RequestKey("SESSION", str)
"""The session that a request came with; nothing when it came with the token."""
_MOST_COOKIES = 8


@dataclass(frozen=True, slots=True)
class AccessKeys:
    """What opens the door, beside the token in the settings."""

    sessions: Sessions
    opener: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    """What `python main.py open` reads in the data folder; good for launch codes only, and as long as this server."""
    codes: LaunchCodes = field(default_factory=LaunchCodes)
    sign_in_limit: SignInLimit = field(default_factory=SignInLimit)


KEYS: web.AppKey[AccessKeys] = web.AppKey("KEYS", AccessKeys)


def cookie_name(settings: Settings, *, over_tls: bool = False) -> str:
    """The cookie of this server: browsers share cookies between ports, so the port is in the name.

    Over TLS it has another name: a browser that holds one for TLS only takes none of the same name without.
    """
    return f"{'__Secure-' if over_tls else ''}jacquard_token_{settings.port}"


def is_authorized(request: web.Request, settings: Settings, permission: Permission) -> bool:
    """Whether a request carries the token, or a session with its key. Raises `ApiError` after too many guesses."""
    if (given := bearer(request)) is not None and is_token(request, given, settings):
        return True
    key = _key(request, permission)
    if not key:
        return False
    session = request.app[KEYS].sessions.verified(_cookies(request, settings), key)
    request[SESSION] = session
    return bool(session)


def is_signed_in(request: web.Request, settings: Settings) -> bool:
    """Whether the page may be shown, which asks for everything else with its key."""
    if request.app[KEYS].sessions.find(_cookies(request, settings)):
        return True
    return (given := bearer(request)) is not None and is_token(request, given, settings)


def bearer(request: web.Request) -> str | None:
    """The token that a program sent."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return given.strip() if kind.lower() == "bearer" else None


def is_token(request: web.Request, given: str, settings: Settings) -> bool:
    """Whether a text is the token; raises `ApiError` when it was guessed too often.

    A token that was drawn cannot be guessed: the right one is then taken whatever others try beside it.
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
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode("utf-8", "surrogatepass"))


def _cookies(request: web.Request, settings: Settings) -> list[str]:
    """All cookies of our names: another port or a folder of the host may have set one of the same name."""
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
    """The protocols that a websocket offers."""
    for header in request.headers.getall("Sec-WebSocket-Protocol", []):
        yield from (part.strip() for part in header.split(","))


def _address(request: web.Request) -> str:
    """Who asks, as far as one can tell: a proxy on this machine names whom it asks for, last in the list."""
    peer = request.remote or ""
    try:
        beside_us = ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return peer
    forwarded = request.headers.getall("X-Forwarded-For", [])
    return forwarded[-1].rpartition(",")[2].strip() or peer if beside_us and forwarded else peer
