"""Each write of a file by the server fails, once and for a while: what is refused is refused in words and changed
nothing, asked again it is done, and what was acknowledged is there.

What a page does is done with a disk that counts. Then it is done again for each write, which fails.
"""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from graph.files.folders import Files
from server.access.credentials import KEYS
from server.access.local_open import announce
from server.services import Services
from server.shapes.worker_messages import CatalogueReported
from server.storage.data_folder import DataFolder, read_token
from server.storage.private_folders import close_folders
from server.storage.temp_cleanup import tidy_left_overs
from tests.server.storage.test_uploads import png
from tests.support.failing_files import FailingFiles
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker

HOST = "jacquard.test"


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FailingFiles:
    return FailingFiles(tmp_path, monkeypatch)


async def insist(client: Any, method: str, path: str, color: str = "", **what: Any) -> Any:
    """Ask until it is acknowledged. What is refused is refused in words."""
    for _ in range(50):
        more = {"data": form(color)} if color else {}
        answer = await client.request(method, f"/api/v1{path}", **what, **more)
        if answer.status in (200, 201):
            return answer
        told = json.loads(await answer.read())
        assert answer.status == 507, told
        assert told["error"]["message"].endswith("could not be read or written: No space left on device.")
        assert told["error"]["remedy"]
    raise AssertionError(f"{method} {path} is never acknowledged")


def form(color: str) -> aiohttp.FormData:
    made = aiohttp.FormData()
    made.add_field("subfolder", "new")
    made.add_field("file", png(4, 4, color), filename="cat.png")
    return made


async def save_workflows(client: Any, services: Services, number: int) -> None:
    path = f"/workflows/folder {number}/w"
    documents = [{"jacquard": 1, "title": title, "nodes": {}} for title in "abc"]
    answer = await insist(client, "PUT", path, json=documents[0], headers={"If-None-Match": "*"})
    for document in documents[1:]:
        answer = await insist(client, "PUT", path, json=document, headers={"If-Match": answer.headers["ETag"]})
    assert json.loads(await (await client.get(f"/api/v1{path}")).read())["title"] == "c"
    await insist(client, "DELETE", path)
    versions = json.loads(await (await client.get(f"/api/v1{path}?versions=1")).read())["versions"]
    kept = [await (await client.get(f"/api/v1{path}?version={version['id']}")).json() for version in versions]
    titles = [version["title"] for version in kept]
    assert list(dict.fromkeys(titles)) == ["c", "b", "a"]  # one may be kept twice: before its change was refused, too


async def upload(client: Any, services: Services, number: int) -> None:
    color = f"#{number:06x}"
    name = (await (await insist(client, "POST", "/uploads", color)).json())["name"]
    assert (services.settings.files.root("input") / name).read_bytes() == png(4, 4, color)
    thumbnail = await client.get(f"/api/v1/thumbnails/input/{name}")
    assert (thumbnail.status, thumbnail.content_type) == (200, "image/webp")


async def sign_in(client: Any, services: Services, number: int) -> None:
    keys = client.server.app[KEYS]
    form = {"code": keys.codes.new()}
    answer = await client.post("/login", data=form, headers={"Origin": f"http://{HOST}"}, allow_redirects=False)
    assert answer.status == 200


async def tell_node_types(client: Any, services: Services, number: int) -> None:
    packs = [{"name": f"pack {number}", "error": "x", "file": "a.py"}]
    assert services.catalogue.update(CatalogueReported(nodes=[], packs=packs, sockets={}))
    await asyncio.to_thread(services.catalogue.save)
    told = await (await client.get("/api/v1/node-types")).json()
    assert told["packs"][0]["name"] == f"pack {number}"


@pytest.mark.parametrize("use", [save_workflows, upload, sign_in, tell_node_types])
@pytest.mark.long
@asynchronous
async def test_each_write_of_a_file_may_fail_once_and_for_a_while(
    disk: FailingFiles, tmp_path: Path, use: Callable[[Any, Services, int], Awaitable[None]]
) -> None:
    files = Files({kind: (tmp_path / kind,) for kind in ("input", "output", "temp")})
    facts: dict[str, Any] = {"files": files, "allowed_origins": frozenset({f"http://{HOST}"})}
    async with serving(tmp_path / "data", ToyWorker(), **facts) as (client, services):
        await use(client, services, 0)
        disk.fail(0, 0)
        await use(client, services, 1)
        count = len(disk.writes)
        assert count >= 5, disk.writes
        tried = [(at, many) for at in range(1, count + 1) for many in (1, 7)]
        for number, (at, many) in enumerate(tried, 2):
            disk.fail(at, many)
            await use(client, services, number)
            assert disk.failed
            may_leave = any(failed.startswith(("unlink", "remove")) for failed in disk.failed)
            disk.fail(0, 0)
            left = list(tmp_path.rglob(".*.part"))
            assert may_leave or not left, (at, many, left)
            tidy_left_overs([tmp_path], now=2**40)
        assert not list(tmp_path.rglob(".*.part"))
    async with serving(tmp_path / "data", ToyWorker(), **facts) as (client, services):
        assert not services.notices.all()  # nothing was damaged


def test_each_write_of_a_file_at_the_start_may_fail(disk: FailingFiles, tmp_path: Path) -> None:
    def start(folder: Path) -> str:
        data = folder / "data"
        with DataFolder(data):
            close_folders({kind: folder / kind for kind in ("input", "output")}, data)
            token, _ = read_token(data)
            announce(data, "http://127.0.0.1:1/", "opener")
        return token

    (tmp_path / "well").mkdir()
    disk.fail(0, 0)
    start(tmp_path / "well")
    count = len(disk.writes)
    assert count > 10
    for at in range(1, count + 1):
        folder = tmp_path / str(at)
        folder.mkdir()
        disk.fail(at, 1)
        try:
            token = start(folder)
        except OSError as error:
            assert error.errno == errno.ENOSPC
            token = ""
        assert disk.failed
        disk.fail(0, 0)
        assert start(folder) == (token or start(folder))
        assert json.loads((folder / "data" / "open.json").read_bytes())["opener"]
        assert not (folder / "output").stat().st_mode & 0o077
