"""The static page: as it was built, kept for good where its name holds its hash, and nothing outside of it."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from graph.files.folders import Files
from server.application import make_application
from server.settings import Settings
from tests.support.serving import asynchronous

pytestmark = pytest.mark.process


TOKEN = "t" * 20


@asynccontextmanager
async def serving(folder: Path, page: Path) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    """A server in this process, whose worker never comes up."""
    settings = Settings(
        data=folder / "data", files=Files(), worker_command=["/no/such/program"], token=TOKEN, page=page,
        allowed_hosts=frozenset({"localhost:8188"}),
    )  # fmt: skip
    test_server = TestServer(make_application(settings))
    async with TestClient(
        test_server, headers={"Host": "localhost:8188", "Authorization": f"Bearer {TOKEN}"}, auto_decompress=False
    ) as client:
        yield client


@asynchronous
async def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    async with serving(tmp_path, tmp_path / "none") as client:
        response = await client.get("/")
        assert response.status == 200
        assert "npm run build" in await response.text()
        assert (await client.get("/assets/x.js")).status == 404


@asynchronous
async def test_the_build_is_served_packed_and_kept(tmp_path: Path) -> None:
    page = tmp_path / "dist"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html><title>Jacquard</title>")
    (page / "favicon.svg").write_text("<svg/>")
    (page / "assets" / "app-1a2b.js").write_text("hello()")
    (page / "assets" / "app-1a2b.js.gz").write_bytes(gzip.compress(b"hello()"))
    (page / "assets" / "secret.py").write_text("secret")
    (tmp_path / "outside.js").write_text("secret")
    (page / "assets" / "link.js").symlink_to(tmp_path / "outside.js")
    async with serving(tmp_path, page) as client:
        index = await client.get("/")
        assert "<title>Jacquard" in await index.text()
        assert index.headers["Cache-Control"] == "no-cache"
        assert "script-src 'self'" in index.headers["Content-Security-Policy"]
        script = await client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip"})
        assert script.headers["Content-Encoding"] == "gzip"
        assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert "immutable" in script.headers["Cache-Control"]
        assert gzip.decompress(await script.read()) == b"hello()"
        plain = await client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "identity"})
        assert await plain.read() == b"hello()"
        assert (await client.get("/favicon.svg")).content_type == "image/svg+xml"
        long = "a" * 300
        impossible = (
            long,
            f"{long}.js",
            f"a/{long}.js",
            "a/" * 2000 + "b.js",
            "%00.js",
            "a%00b.js",
            "%ff.js",
            "loop/x.js",
        )
        (page / "assets" / "loop").symlink_to(page / "assets" / "loop")
        for path in (*impossible, "secret.py", "link.js", "..%2findex.html", "%2e%2e/%2e%2e/outside.js", "none.js"):
            for answer in (await client.get(f"/assets/{path}"), await client.get(f"/{path}")):
                assert answer.status in (404, 431)
                assert str(tmp_path) not in await answer.text()
