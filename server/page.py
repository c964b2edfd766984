"""The editor's static page: the only thing that is given to someone without the token.

Files below `assets/` have their content's hash in their names and may be kept for good; `.br` and `.gz` siblings
are sent to those who take them. Where only this machine can ask, the page comes with the token as a cookie;
elsewhere it asks.
"""

from __future__ import annotations

import html
from pathlib import Path

from aiohttp import web

from graph.files import FileNameError, safe_name
from server.errors import ApiError, not_found
from server.routing import Permission, Route
from server.security import check_origin, cookie_name, has_token, same
from server.services import SERVICES
from server.settings import Settings

_KINDS = {
    ".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml", ".png": "image/png",
    ".ico": "image/x-icon", ".webp": "image/webp", ".woff2": "font/woff2", ".json": "application/json",
    ".map": "application/json", ".txt": "text/plain", ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
}  # fmt: skip
_TEXT = frozenset({".js", ".css", ".html", ".txt"})
_OWN_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
_A_YEAR = 365 * 24 * 3600
_MISSING = """<h1>Jacquard is running</h1>
<p>The editor is not built yet. In the folder <code>web</code>, run <code>npm ci</code> and <code>npm run build</code>,
then load this page again. (A release comes with the editor built.)</p>
<p>The programming interface works without it: see <code>docs/api.md</code>.</p>"""
_ASK = """<h1>Jacquard</h1>
<form method="post" action="/login"><label>Token <input name="token" type="password" autofocus
autocomplete="current-password"></label> <button>Enter</button></form>
<p>The token is what the server was started with (<code>--token</code> or
<code>JACQUARD_TOKEN</code>); else it is in the file <code>data/token</code>.</p>"""


def policy(request: web.Request) -> str:
    """What the page may load: itself, its own data, and nothing from elsewhere."""
    host = request.headers["Host"]
    return (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws://{host} wss://{host}; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


async def get_page(request: web.Request) -> web.StreamResponse:
    """The page, and the cookie with the token."""
    settings = request.app[SERVICES].settings
    known = has_token(request, settings)
    if not known and not may_have_the_token(request, settings):
        return _plain(request, _ASK, 401)
    file = settings.page / "index.html" if settings.page else None
    response = _file(request, file) if file is not None and file.is_file() else _plain(request, _MISSING)
    response.headers["Content-Security-Policy"] = policy(request)
    response.headers["Cache-Control"] = "no-cache"
    _set_cookie(response, settings)
    return response


async def log_in(request: web.Request) -> web.StreamResponse:
    """Take the token that someone typed."""
    settings = request.app[SERVICES].settings
    check_origin(request, settings, Permission.WRITE)
    given = (await request.post()).get("token", "")
    if not isinstance(given, str) or not same(given.strip(), settings.token):
        return _plain(request, "<p>That is not the token.</p>" + _ASK, 401)
    response = web.Response(status=303, headers={"Location": "/"})
    _set_cookie(response, settings)
    return response


async def get_asset(request: web.Request) -> web.StreamResponse:
    """A file whose name holds its hash."""
    response = _page_file(request, f"assets/{request.match_info['name']}")
    response.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable"
    return response


async def get_root_file(request: web.Request) -> web.StreamResponse:
    """An icon, a manifest and the like."""
    response = _page_file(request, request.match_info["name"])
    response.headers["Cache-Control"] = "no-cache"
    return response


def may_have_the_token(request: web.Request, settings: Settings) -> bool:
    """Whether the page comes with the token: only for someone on this machine, and not through a proxy that is."""
    name = request.headers["Host"].lower().removesuffix(f":{settings.port}")
    through_proxy = any(header in request.headers for header in _OF_PROXIES)
    return settings.hand_out_token and name in _OWN_NAMES and not through_proxy


def _page_file(request: web.Request, name: str) -> web.StreamResponse:
    root = request.app[SERVICES].settings.page
    try:
        file = None if root is None else root / safe_name(name)
    except FileNameError:
        file = None
    if root is None or file is None or not file.is_file() or not file.resolve().is_relative_to(root.resolve()):
        raise not_found(f"file {name!r}")
    return _file(request, file)


def _file(request: web.Request, file: Path) -> web.StreamResponse:
    kind = _KINDS.get(file.suffix)
    if kind is None:
        raise ApiError(404, "not_found", "Files of this kind are not served.")
    response = web.FileResponse(file)
    response.headers["Content-Type"] = f"{kind}; charset=utf-8" if file.suffix in _TEXT else kind
    response.headers["Content-Security-Policy"] = policy(request)
    return response


def _plain(request: web.Request, body: str, status: int = 200) -> web.Response:
    title = html.escape("Jacquard")
    style = "body{font:16px/1.5 system-ui;max-width:40em;margin:4em auto;padding:0 1em}"
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{style}</style>{body}</html>"
    return web.Response(
        text=page, content_type="text/html", status=status, headers={"Content-Security-Policy": policy(request)}
    )


def _set_cookie(response: web.StreamResponse, settings: Settings) -> None:
    response.set_cookie(
        cookie_name(settings), settings.token, max_age=_A_YEAR, httponly=True, samesite="Strict", path="/"
    )


ROUTES = (
    Route("GET", "/", get_page, Permission.OPEN, "The editor"),
    Route("POST", "/login", log_in, Permission.OPEN, "Exchange the token for the page's cookie"),
    Route("GET", "/assets/{name:.+}", get_asset, Permission.OPEN, "A file of the editor"),
    Route("GET", "/{name}", get_root_file, Permission.OPEN, "A file of the editor"),
)
