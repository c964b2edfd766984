"""What the server tells of its installation: versions and worker, node types and choices."""

from __future__ import annotations

import gzip
import os
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
from PIL import Image

from graph.files.file_kinds import AnyKind
from graph.files.folders import Files
from tests.support.serving import Answer, Server, asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker


def get(server: Server, path: str, **headers: str) -> Answer:
    given = {"Authorization": f"Bearer {server.token}", **{name.replace("_", "-"): v for name, v in headers.items()}}
    return server.ask("GET", path, headers=given)


@pytest.fixture(scope="module")
def inputs(server: Server) -> Path:
    folder = server.folder / "input"
    folder.mkdir(exist_ok=True)
    return folder


def test_choices_are_listed(server: Server, inputs: Path) -> None:
    Image.new("L", (2, 2)).save(inputs / "a.png")
    assert "a.png" in get(server, "/api/v1/choices/input").json["names"]
    assert get(server, "/api/v1/choices/nothing").status == 404


@asynchronous
async def test_node_types_have_an_etag_and_may_be_compressed(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")  # before that, there may be none
    plain = get(server, "/api/v1/node-types")
    packed = get(server, "/api/v1/node-types", Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert get(server, "/api/v1/node-types", If_None_Match=plain.headers["etag"]).status == 304


def test_what_is_left_out_of_a_list_is_said_with_the_reason(server: Server, inputs: Path) -> None:
    (inputs / "out.png").symlink_to("/etc/hostname")
    (inputs / "gone.png").symlink_to("nowhere.png")
    Path(os.fsdecode(bytes(inputs) + b"/caf\xe9.png")).write_bytes(b"")
    answer = get(server, "/api/v1/choices/input").json
    reasons = {item["name"]: item["reason"] for item in answer["left_out"]}
    assert reasons == {
        "out.png": "the link leads out of the folder",
        "gone.png": "the link leads nowhere",
        r"caf\xe9.png": "its name is not UTF-8",
    }
    assert not set(reasons) & set(answer["names"])
    assert get(server, "/api/v1/files/input/out.png").status == 404
    assert get(server, "/api/v1/files/input/out.png").json["error"]["message"] == "'out.png' leaves its folder."


@asynchronous
async def test_versions_worker_and_the_kinds_of_folders_that_exist_are_told(tmp_path: Path) -> None:
    files = Files({"output": [tmp_path / "output"], "input": [tmp_path / "input"], "temp": []})
    versions = {"jacquard": "1.2.3", "python": "3"}
    async with serving(tmp_path, ToyWorker(), files=files, versions=versions) as (client, services):
        told = await (await client.get("/api/v1/system")).json()
        assert (told["name"], told["version"], told["versions"]) == ("Jacquard", "1.2.3", versions)
        assert told["folders"] == ["input", "output"]
        assert told["epoch"] == services.hub.epoch
        assert told["worker"]["state"] == services.supervisor.state.state


@asynchronous
async def test_of_a_folder_only_what_fits_an_input_is_offered_when_it_says_what(tmp_path: Path) -> None:
    class ByName(AnyKind):
        def unfit(self, paths: Sequence[Path], fits: Collection[str]) -> list[str]:
            return ["" if path.stem in fits else "it is another one" for path in paths]

    for name in ("lora", "vae", "film"):
        (tmp_path / f"{name}.safetensors").touch()
    files = Files({"loras": [tmp_path]}, {}, ByName())
    async with serving(tmp_path, ToyWorker(), files=files) as (client, _):
        told = await (await client.get("/api/v1/choices/loras?fits=lora,film")).json()
        assert told["names"] == ["film.safetensors", "lora.safetensors"]
        assert told["left_out"] == [{"name": "vae.safetensors", "reason": "it is another one"}]
        assert len((await (await client.get("/api/v1/choices/loras")).json())["names"]) == 3
