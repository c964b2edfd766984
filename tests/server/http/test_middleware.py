"""Around every request: errors have one shape, and what a route does not declare is refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from server.storage.database import Database
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("DELETE", "/api/v1/system", 405, "method_not_allowed"),
        ("GET", "/api/v1/runs?colour=red", 400, "unknown_key"),
        ("GET", "/api/v1/runs?limit=1&limit=2", 400, "wrong_shape"),
        ("GET", "/api/v1/runs/none", 404, "not_found"),
    ],
)
@asynchronous
async def test_every_refusal_is_json_with_a_code(
    tmp_path: Path, method: str, path: str, status: int, code: str
) -> None:
    async with serving(tmp_path, ToyWorker()) as (client, _):
        response = await client.request(method, path)
        assert response.status == status
        assert (await response.json())["error"]["code"] == code


@asynchronous
async def test_a_route_without_a_body_refuses_fields(tmp_path: Path) -> None:
    async with serving(tmp_path, ToyWorker()) as (client, _):
        response = await client.post("/api/v1/packs/load", json={"colour": "red"})
        assert (response.status, (await response.json())["error"]["code"]) == (400, "unknown_key")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("a secret of ours"), 500, "internal"),
        (sqlite3.OperationalError("disk I/O error"), 507, "storage"),
        (OSError(28, "No space left on device"), 507, "storage"),
    ],
)
@asynchronous
async def test_an_error_that_was_not_foreseen_is_answered_without_details_and_the_server_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    async with serving(tmp_path, ToyWorker()) as (client, _):

        def fail(*_: object) -> None:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(Database, "do", fail)
            response = await client.get("/api/v1/runs/none")
        text = await response.text()
        assert (response.status, (await response.json())["error"]["code"]) == (status, code)
        assert "secret" not in text
        assert (await client.get("/api/v1/runs/none")).status == 404
