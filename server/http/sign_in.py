"""Signing in and out: the sign-in page, and the exchange of a launch code or the token for a session.

The page is one response: it contains its script and style, and its policy allows only these two, its icon and its own
server. `login` accepts a form of bounded size. Its response sets the cookie of the session and contains its key; the
script of the page stores the key in the browser and opens the editor.
"""

from __future__ import annotations

import base64
import hashlib
import html
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from aiohttp import web

from server.access.credentials import KEYS, SESSION, bearer, cookie_name, is_token, same
from server.access.routing import Permission, Route
from server.access.security import check_origin
from server.access.sessions import A_YEAR
from server.answers import json_answer
from server.errors import ApiError
from server.http.websocket import close_session
from server.services import SERVICES
from server.shapes.system import LaunchCode, SignedOut

_FOLDER = Path(__file__).resolve().parent / "sign_in_page"
_MOST_BYTES = 8192
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})
STORE = "jacquard.key:"
"""The name, followed by the page's path, under which a browser stores the key; also in `web/src/api/address.ts`."""


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_SCRIPT, _STYLE = _read("script.js"), _read("style.css")
_PAGE = Template(_read("page.html").replace("$", "$$").replace("{{", "${").replace("}}", "}"))
_POLICY = (
    f"default-src 'none'; script-src {_hash(_SCRIPT)}; style-src {_hash(_STYLE)}; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


async def get_sign_in(request: web.Request) -> web.Response:
    """Serves the sign-in page."""
    return sign_in_page(request)


async def log_in(request: web.Request) -> web.Response:
    """Exchanges a launch code or the token for a session."""
    settings, keys = request.app[SERVICES].settings, request.app[KEYS]
    try:
        check_origin(request, settings, Permission.WRITE)
        form = await _read_form(request)
        if "code" in form:
            if not keys.codes.take(form["code"].strip()):
                raise ApiError(
                    401, "used_code", "This address was used already, or it is older than ten minutes.",
                    "Run 'python main.py open' for a new one.",
                )  # fmt: skip
        elif not is_token(request, form.get("token", "").strip(), settings):
            raise ApiError(401, "no_token", "That is not the token.")
    except ApiError as error:
        return sign_in_page(request, error)
    cookie, key = await keys.sessions.begin()
    response = sign_in_page(request, key=key)
    # An empty path makes the browser use that of this address, which a proxy may serve from a folder.
    response.set_cookie(
        cookie_name(settings, over_tls=_is_over_tls(request)), cookie, max_age=A_YEAR, httponly=True,
        samesite="Strict", path="", secure=_is_over_tls(request),
    )  # fmt: skip
    return response


async def log_out(request: web.Request) -> web.Response:
    """Ends the session of the request."""
    if session := request.get(SESSION, ""):
        await request.app[KEYS].sessions.end(session)
        await close_session(request.app, session)
    response = json_answer(SignedOut(signed_out=bool(session)))
    over_tls = _is_over_tls(request)
    name = cookie_name(request.app[SERVICES].settings, over_tls=over_tls)
    response.del_cookie(name, path="", secure=over_tls)
    return response


async def new_code(request: web.Request) -> web.Response:
    """Issues a launch code to a client with the token or the secret in the data folder (`python main.py open`)."""
    settings, keys = request.app[SERVICES].settings, request.app[KEYS]
    check_origin(request, settings, Permission.WRITE)
    given = bearer(request)
    if given is None or not (same(given, keys.opener) or is_token(request, given, settings)):
        raise ApiError(401, "no_token", "The token is missing or wrong.", "Send 'Authorization: Bearer <token>'.")
    return json_answer(LaunchCode(code=keys.codes.new()), 201)


def sign_in_page(
    request: web.Request, error: ApiError | None = None, key: str = "", *, forms: bool = True
) -> web.Response:
    """Returns the page, with an error, or with the key of a new session."""
    if key:
        message = "<p>You are signed in.</p>" + _notice(
            "This browser keeps nothing for this page: allow it to store data here, and sign in again.", " hidden"
        )
    else:
        message = "" if error is None else _notice(f"{error.message} {error.remedy}")
    page = _PAGE.substitute(
        host=html.escape(request.headers.get("Host", "")), http=".".join(map(str, request.version)), key=key,
        store=STORE, style=_STYLE, script=_SCRIPT, message=message, hidden=" hidden" if key or not forms else "",
    )  # fmt: skip
    headers = {"Content-Security-Policy": _POLICY, **((error.headers or {}) if error else {})}
    status = 200 if key else error.status if error else 401
    return web.Response(text=page, content_type="text/html", status=status, headers=headers)


def refusal(request: web.Request, error: ApiError) -> web.Response:
    """Returns an error as JSON; for a wrong host name in a browser as a page."""
    if error.code == "wrong_host" and request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        return sign_in_page(request, error, forms=False)
    return error.response()


def _is_over_tls(request: web.Request) -> bool:
    """Whether the browser loaded the page over TLS, which a proxy may have added."""
    return request.headers.get("Origin", "").lower().startswith("https://")


def _notice(text: str, more: str = "") -> str:
    name = ' id="no-storage"' if more else ""
    return f'<p class="notice is-bad" role="alert"{name}{more}>{html.escape(text.strip())}</p>'


async def _read_form(request: web.Request) -> dict[str, str]:
    if request.content_type != "application/x-www-form-urlencoded":
        raise ApiError(415, "not_a_form", "The body must be a form.", "Send 'application/x-www-form-urlencoded'.")
    charset = (request.charset or "utf-8").lower()
    if charset not in _CHARSETS:
        raise ApiError(400, "bad_charset", "Forms are taken in UTF-8 only.", "Leave the charset out.")
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > _MOST_BYTES:
            raise ApiError(413, "too_large", f"The form is larger than {_MOST_BYTES} bytes.")
    try:
        found = parse_qs(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=8)
    except ValueError:
        raise ApiError(400, "not_a_form", "The form cannot be read.", "Send it in UTF-8.") from None
    return {name: values[0] for name, values in found.items()}


ROUTES = (
    Route("GET", "/login", get_sign_in, Permission.OPEN, "The page that asks for the token"),
    Route("POST", "/login", log_in, Permission.OPEN, "Exchange a launch code or the token for a session"),
    Route("POST", "/logout", log_out, Permission.WRITE, "End the session that asks"),
    Route("POST", "/launch", new_code, Permission.OPEN, "A launch code for who can read the data folder"),
)
