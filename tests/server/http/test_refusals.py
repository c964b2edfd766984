"""What the parser refuses is answered in words that repeat nothing of what was sent and do not name the software."""

from __future__ import annotations

import json

import pytest
from aiohttp import web

from server.http.refusals import failed, unreadable


def body_of(response: web.Response) -> str:
    assert isinstance(response.body, bytes)
    return response.body.decode()


@pytest.mark.parametrize(
    ("too_long", "status", "code"), [(True, 431, "headers_too_large"), (False, 400, "bad_request")]
)
def test_a_program_gets_json_with_a_remedy(too_long: bool, status: int, code: str) -> None:
    response = unreadable(is_too_long=too_long, as_page=False)
    error = json.loads(body_of(response))["error"]
    assert (response.status, error["code"]) == (status, code)
    assert "cookies" in error["remedy"]


def test_a_browser_gets_a_page_that_says_the_same() -> None:
    response = unreadable(is_too_long=True, as_page=True)
    assert (response.status, response.content_type) == (431, "text/html")
    assert "clear this site's cookies" in body_of(response)


@pytest.mark.parametrize(("status", "code"), [(500, "internal"), (408, "http_408")])
def test_what_fails_outside_of_the_application_has_a_code_too(status: int, code: str) -> None:
    response = failed(status)
    assert response.status == status
    assert json.loads(body_of(response))["error"]["code"] == code


@pytest.mark.parametrize(
    "response", [unreadable(is_too_long=False, as_page=True), unreadable(is_too_long=False, as_page=False), failed(500)]
)
def test_no_answer_is_kept_runs_anything_or_holds_the_connection(response: web.Response) -> None:
    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Server"] == "Jacquard"
    assert response.keep_alive is False
