"""Saved workflows: nobody's work is overwritten unseen, and every earlier version can be had again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from graph.files.folders import FileNameError
from server.errors import ApiError
from server.storage import saved_workflows as documents_room
from server.storage.saved_workflows import SavedWorkflows
from tests.server.test_files import HOSTILE
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


def test_only_so_many_versions_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_room, "KEPT_VERSIONS", 3)
    documents = SavedWorkflows(tmp_path / "now", tmp_path / "before")
    for number in range(8):
        documents.save("x", b'{"n": %d}' % number)
    assert len(documents.versions("x")) == 3


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "now").mkdir()
    (tmp_path / "now" / "out").symlink_to(tmp_path)
    documents = SavedWorkflows(tmp_path / "now", tmp_path / "before")
    with pytest.raises(ApiError):
        documents.save("out/x", b"{}")
    assert not (tmp_path / "x.json").exists()


def test_a_workflow_that_lies_there_is_opened_whatever_its_name_is_and_a_new_one_has_a_plain_name(
    tmp_path: Path,
) -> None:
    odd = ["12:30.json", "what?.json", "con.json", "a./b.json", "x" * 240 + ".json"]
    for name in odd:
        (tmp_path / "now" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "now" / name).write_text("{}")
    (tmp_path / "now" / "gone.json").symlink_to("nowhere.json")
    documents = SavedWorkflows(tmp_path / "now", tmp_path / "before")
    listed = documents.overview()
    assert {item.path for item in listed.workflows} == set(odd)
    assert [(item.name, item.reason) for item in listed.left_out] == [("gone.json", "the link leads nowhere")]
    for name in odd:
        assert documents.save(name, b'{"title": "new"}', if_match=documents.read(name).etag).path == name
    with pytest.raises(FileNameError):
        documents.save("12:31", b"{}")


def test_of_a_large_file_only_the_beginning_is_read_for_its_title(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_room, "READ_WHOLE", 10)
    monkeypatch.setattr(documents_room, "BEGINNING", 60)
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    padding = '"nodes": {"1": ' + "[" * 200
    for name, text, title in (
        ("plain", '{"jacquard": 1, "title": "A cat", ' + padding, "A cat"),
        ("spread", '{\n  "jacquard" : 1 ,\n  "title" : "A cat" ,\n' + padding, "A cat"),
        ("without", '{"jacquard": 1, ' + padding, ""),
        ("number", '{"jacquard": 1, "title": 7, ' + padding, ""),
        ("no object", "[" * 200, ""),
        ("cut", '{"jacquard": 1, "title": "' + "x" * 200, ""),
    ):
        documents.save(name, text.encode())
        assert {entry.path: entry.title for entry in documents.overview().workflows}[f"{name}.json"] == title


def test_a_title_that_somebody_wrote_into_a_file_is_listed_in_bounds(tmp_path: Path) -> None:
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    documents.save("long", b'{"jacquard": 1, "title": "' + b"x" * 100_000 + b'"}')
    (entry,) = documents.overview().workflows
    assert len(entry.title) < 1_100


def test_a_file_among_the_versions_that_is_none_is_passed_over(tmp_path: Path) -> None:
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    documents.save("cat", b"{}")
    documents.save("cat", b"[]")
    (folder,) = (tmp_path / "versions").iterdir()
    (folder / "1 of mine.json").write_text("{}")
    assert len(documents.versions("cat")) == 1


def test_the_newest_versions_stay_when_the_clock_was_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_room, "KEPT_VERSIONS", 3)
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    for number in range(9):
        hours = 1_000_000 - 10 * number
        monkeypatch.setattr("time.time_ns", lambda hours=hours: hours * 3600 * 10**9)
        documents.save("cat", b"%d" % number)
    kept = documents.versions("cat")
    assert [documents.version("cat", version.id).data for version in kept] == [b"7", b"6", b"5"]


def test_what_is_saved_again_as_it_is_there_is_no_conflict(tmp_path: Path) -> None:
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    first = documents.save("cat", b"1", only_new=True)
    assert documents.save("cat", b"1", only_new=True) == first
    second = documents.save("cat", b"2", if_match=first.etag)
    assert documents.save("cat", b"2", if_match=first.etag) == second  # its answer did not come
    assert len(documents.versions("cat")) == 1
    with pytest.raises(ApiError):
        documents.save("cat", b"3", if_match=first.etag)


@pytest.mark.parametrize("wreck", ["versions", "versions/a", "versions/a/cat.json.versions", "workflows"])
@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_in_the_place_of_a_folder_keeps_nobody_from_saving(tmp_path: Path, wreck: str, kind: str) -> None:
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    place = tmp_path / wreck
    place.parent.mkdir(parents=True, exist_ok=True)
    if kind == "file":
        place.write_bytes(b"mine")
    else:
        place.symlink_to("nowhere")
    assert documents.versions("a/cat") == []
    for data in (b"1", b"2"):
        documents.save("a/cat", data)
    assert [documents.version("a/cat", found.id).data for found in documents.versions("a/cat")] == [b"1"]
    assert len(list(tmp_path.rglob("*.damaged-*"))) == 1


def test_a_folder_among_the_versions_keeps_nobody_from_saving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_room, "KEPT_VERSIONS", 2)
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    (tmp_path / "versions" / "cat.json.versions" / "000000000000001-abcdef.json").mkdir(parents=True)
    for number in range(5):
        documents.save("cat", b"%d" % number)
    newest = documents.versions("cat")[0]
    assert documents.version("cat", newest.id).data == b"3"


def test_a_name_that_something_else_has_is_refused_with_the_remedy(tmp_path: Path) -> None:
    documents = SavedWorkflows(tmp_path / "workflows", tmp_path / "versions")
    (tmp_path / "workflows" / "folder.json").mkdir(parents=True)
    documents.save("cat", b"1")
    for name in ("folder", "cat.json/inside"):
        with pytest.raises(ApiError, match="cannot be saved") as caught:
            documents.save(name, b"1")
        assert (caught.value.status, caught.value.remedy) == (400, "Choose another name.")
