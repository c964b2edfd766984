"""Saved workflows over the API: saved, opened, listed and deleted, and nobody's work is overwritten unseen."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import pytest

from tests.server.http.routes.test_files import HOSTILE
from tests.support.serving import Client, Server, asynchronous


def document(title: str) -> dict[str, Any]:
    return {"jacquard": 1, "title": title, "nodes": {"1": {"type": "NotInstalled", "odd": [1, {"a": None}]}}}


async def save(client: Client, path: str, title: str, expect: int = 200, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.call("PUT", f"/workflows/{path}", expect, json=document(title), headers=named)


@asynchronous
async def test_a_workflow_is_saved_opened_and_listed_with_what_nobody_knows_in_it(server: Server) -> None:
    async with server.client() as client:
        saved = await save(client, "cats/red", "Red cat")
        assert saved["path"] == "cats/red.json"
        opened = await client.call("GET", "/workflows/cats/red.json")
        assert opened == document("Red cat")
        (entry,) = [e for e in (await client.call("GET", "/workflows"))["workflows"] if e["path"] == "cats/red.json"]
        assert entry["title"] == "Red cat"
        async with client.session.get(
            "/api/v1/workflows/cats/red", headers={"If-None-Match": saved["etag"]}
        ) as response:
            assert response.status == 304


@asynchronous
async def test_of_two_who_save_at_once_one_is_told(server: Server) -> None:
    async with server.client() as client:
        first = await save(client, "shared", "0", If_None_Match="*")
        await save(client, "shared", "again", 412, If_None_Match="*")

        async def attempt(number: int) -> int:
            body, headers = document(f"by {number}"), {"If-Match": first["etag"]}
            async with client.session.put("/api/v1/workflows/shared", json=body, headers=headers) as response:
                return response.status

        statuses = await asyncio.gather(*(attempt(number) for number in range(8)))
        assert sorted(statuses) == [200] + [412] * 7
        await save(client, "gone", "x", 412, If_Match=first["etag"])


@asynchronous
async def test_earlier_versions_are_kept_also_of_what_was_deleted(server: Server) -> None:
    async with server.client() as client:
        for title in ("one", "two", "two", "three"):
            await save(client, "old", title)
        await client.call("DELETE", "/workflows/old")
        await client.call("GET", "/workflows/old", 404)
        versions = (await client.call("GET", "/workflows/old?versions=1"))["versions"]
        titles = [(await client.call("GET", f"/workflows/old?version={v['id']}"))["title"] for v in versions]
        assert titles == ["three", "two", "one"]
        await client.call("GET", "/workflows/old?version=../x", 404)


@asynchronous
async def test_what_is_no_workflow_is_not_saved(server: Server) -> None:
    async with server.client() as client:
        for body in ({"nodes": {}}, [], {"jacquard": 99}, {"jacquard": 1, "nodes": []}):
            await client.call("PUT", "/workflows/bad", 422, json=body)
        await client.call("GET", "/workflows/bad", 404)


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "link/secret"])
@asynchronous
async def test_no_name_leads_out_of_the_folder(server: Server, name: str) -> None:
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")  # it makes folders, too
    before = sorted(server.folder.glob("*"))
    answers = [
        server.ask(method, f"/api/v1/workflows/{quote(name, safe='')}", body, headers)
        for method, body in (("GET", None), ("PUT", b'{"jacquard": 1}'), ("DELETE", None))
        for headers in [{"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}]
    ]
    # A few of these are only hostile where no ".json" is added: they are saved, and inside.
    assert all(answer.status in (200, 400, 404) for answer in answers)
    assert sorted(server.folder.glob("*")) == before
    assert all(server.token.encode() not in answer.body for answer in answers)
