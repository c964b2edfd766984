"""Answers to requests that the parser refuses: they repeat nothing that was sent, and do not name the software."""

from __future__ import annotations

from aiohttp import web

from server.access.security import DATA_POLICY, HEADERS
from server.errors import ApiError

_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Jacquard</title>"
    "<h1>{title}</h1><p>{message}</p><p>{remedy}</p></html>"
)


def unreadable(*, is_too_long: bool, as_page: bool) -> web.Response:
    """Answers a request whose line, headers or body cannot be parsed."""
    if is_too_long:
        error = ApiError(
            431,
            "headers_too_large",
            "The request's address or one of its headers is too long.",
            "In a browser, clear this site's cookies: all programs on this machine share them.",
        )
    else:
        error = ApiError(
            400,
            "bad_request",
            "The request is no HTTP that can be read.",
            "In a browser, clear this site's cookies, and load the page again.",
        )
    if not as_page:
        return _dressed(error.response())
    text = _PAGE.format(title="Jacquard cannot read this request", message=error.message, remedy=error.remedy)
    return _dressed(web.Response(text=text, content_type="text/html", status=error.status))


def failed(status: int) -> web.Response:
    """Answers a request that failed outside of the application."""
    code = "internal" if status == 500 else f"http_{status}"
    return _dressed(ApiError(status, code, "Something went wrong in the server.", "Look at its log.").response())


def _dressed(response: web.Response) -> web.Response:
    response.headers.update(HEADERS)
    response.headers["Content-Security-Policy"] = DATA_POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Server"] = "Jacquard"
    response.force_close()
    return response
