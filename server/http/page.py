"""Serves the files of the built editor. A client without a session gets the sign-in page instead.

The files are part of the release and not secret. Files below `assets/` have a hash of their content in their names and
may be cached for ever; `.br` and `.gz` siblings are sent to clients that accept them.
"""

from __future__ import annotations

import html
from pathlib import Path

from aiohttp import web

from graph.files.folders import FileNameError, safe_name
from server.access.credentials import is_signed_in
from server.access.routing import Permission, Route
from server.access.sessions import A_YEAR
from server.errors import ApiError, not_found
from server.http.sign_in import sign_in_page
from server.services import SERVICES

_KINDS = {
    ".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml", ".png": "image/png",
    ".ico": "image/x-icon", ".webp": "image/webp", ".woff2": "font/woff2", ".json": "application/json",
    ".map": "application/json", ".txt": "text/plain", ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
}  # fmt: skip
_TEXT = frozenset({".js", ".css", ".html", ".txt"})
_LONGEST_SHOWN = 100
_MISSING = """<h1>Jacquard is running</h1>
<p>The editor is not built yet. In the folder <code>web</code>, run <code>npm ci</code> and <code>npm run build</code>,
then load this page again. (A release comes with the editor built.)</p>
<p>The programming interface works without it: see <code>docs/api.md</code>.</p>"""


def policy(request: web.Request) -> str:
    """Returns the content security policy: the page may load only from this server."""
    host = request.headers["Host"]
    return (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws://{host} wss://{host}; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


async def get_page(request: web.Request) -> web.StreamResponse:
    """Serves the page to a client that is signed in."""
    settings = request.app[SERVICES].settings
    try:
        if not is_signed_in(request, settings):
            return sign_in_page(request)
    except ApiError as error:
        return sign_in_page(request, error)
    file = settings.page / "index.html" if settings.page else None
    response = _file(request, file) if file is not None and file.is_file() else _plain(request, _MISSING)
    response.headers["Content-Security-Policy"] = policy(request)
    response.headers["Cache-Control"] = "no-cache"
    return response


async def get_asset(request: web.Request) -> web.StreamResponse:
    """Serves a file whose name contains its hash."""
    response = _page_file(request, f"assets/{request.match_info['name']}")
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response


async def get_root_file(request: web.Request) -> web.StreamResponse:
    """Serves an icon, a manifest and the like."""
    response = _page_file(request, request.match_info["name"])
    response.headers["Cache-Control"] = "no-cache"
    return response


def _page_file(request: web.Request, name: str) -> web.StreamResponse:
    root = request.app[SERVICES].settings.page
    file = None if root is None else _inside(root, name)
    if file is None:
        raise not_found(f"file {name[:_LONGEST_SHOWN]!r}")
    return _file(request, file)


def _inside(root: Path, name: str) -> Path | None:
    """Returns the file with that name, or None; also for a name that no file can have."""
    try:
        file = root / safe_name(name)
        return file if file.is_file() and file.resolve().is_relative_to(root.resolve()) else None
    except (FileNameError, OSError, ValueError, RuntimeError):
        return None


def _file(request: web.Request, file: Path) -> web.StreamResponse:
    kind = _KINDS.get(file.suffix)
    if kind is None:
        raise ApiError(404, "not_found", "Files of this kind are not served.")
    response = web.FileResponse(file)
    response.headers["Content-Type"] = f"{kind}; charset=utf-8" if file.suffix in _TEXT else kind
    response.headers["Content-Security-Policy"] = policy(request)
    return response


def _plain(request: web.Request, body: str) -> web.Response:
    title = html.escape("Jacquard")
    style = "body{font:16px/1.5 system-ui;max-width:40em;margin:4em auto;padding:0 1em}"
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{style}</style>{body}</html>"
    return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": policy(request)})


ROUTES = (
    Route("GET", "/", get_page, Permission.OPEN, "The editor"),
    Route("GET", "/assets/{name:.+}", get_asset, Permission.OPEN, "A file of the editor"),
    Route("GET", "/{name}", get_root_file, Permission.OPEN, "A file of the editor"),
)
