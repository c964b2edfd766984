"""The example workflows: which there are, what files of one's own they need; such a file is chosen at once."""

from __future__ import annotations

import json
from pathlib import Path

from graph.files.folders import Files
from server.shapes.models import ModelInfo, ModelOverride, Models, WantedModel
from server.shapes.workflows import TemplateNeed
from tests.support.serving import Server, asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker

HEADERS = "Authorization"


class Shelf:
    """Has the files that it is told, whatever is wanted."""

    def __init__(self, *there: str) -> None:
        self.there = list(there)
        self.asked: list[WantedModel] = []

    def supply(self, wanted: WantedModel) -> TemplateNeed:
        self.asked.append(wanted)
        return TemplateNeed(what="model", place="models/here", such_as=list(wanted.such_as), there=self.there)

    def listing(self) -> Models:
        raise NotImplementedError

    def override(self, wanted: ModelOverride) -> ModelInfo:
        raise NotImplementedError

    def close(self) -> None:
        self.asked.clear()


def test_each_example_that_comes_with_jacquard_can_be_opened(server: Server) -> None:
    told = server.ask("GET", "/api/v1/templates", headers={HEADERS: f"Bearer {server.token}"}).json["templates"]
    assert [item["name"] for item in told if item["needs"]] == ["flux", "flux-in-parts", "sd15", "sd35", "sdxl"]
    assert not any(item["needs"] for item in told[: len(told) - 5]), "those that run at once come first"
    (sdxl,) = (item for item in told if item["name"] == "sdxl")
    (need,) = sdxl["needs"]
    assert (need["what"], need["place"]) == ("checkpoint of Stable Diffusion XL", "models/checkpoints")
    assert need["such_as"] == ["sd_xl_base_1.0.safetensors"]
    for item in told:
        path = f"/api/v1/templates/{item['name']}"
        assert server.ask("GET", path, headers={HEADERS: f"Bearer {server.token}"}).json["jacquard"] == 1
    for name in ("none", "..%2fmain", "%2e%2e"):
        path = f"/api/v1/templates/{name}"
        assert server.ask("GET", path, headers={HEADERS: f"Bearer {server.token}"}).status in (400, 404)


@asynchronous
async def test_only_what_is_a_workflow_is_a_template_and_it_has_its_title_or_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    node = {"type": "Keep"}
    (folder / "b.json").write_text(json.dumps({"jacquard": 1, "title": "A cat", "nodes": {"1": node, "2": node}}))
    (folder / "a.json").write_text(json.dumps({"jacquard": 1, "description": "Empty.", "nodes": {}}))
    (folder / "damaged.json").write_text("{")
    (folder / "notes.txt").write_text("none")
    async with serving(tmp_path, ToyWorker(), templates=folder) as (client, _):
        told = (await (await client.get("/api/v1/templates")).json())["templates"]
        found = [(item["name"], item["title"], item["description"], item["node_types"]) for item in told]
        assert found == [("a", "a", "Empty.", []), ("b", "A cat", "", ["Keep"])]
        assert (await client.get("/api/v1/templates/notes")).status == 404


@asynchronous
async def test_an_installation_without_templates_has_none(tmp_path: Path) -> None:
    async with serving(tmp_path, ToyWorker()) as (client, _):
        assert await (await client.get("/api/v1/templates")).json() == {"templates": []}
        assert (await client.get("/api/v1/templates/a")).status == 404


@asynchronous
async def test_inputs_without_a_file_get_the_first_that_would_do_and_others_stay(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "own-models"
    own.mkdir(parents=True)
    wanted = {"kind": "checkpoint", "family": "sdxl", "such_as": ["xl.safetensors"]}
    nodes = {"1": {"type": "Load"}, "2.5": {"type": "Load", "inputs": {"file": "mine", "other": 1}}}
    models = {"1.file": wanted, "2.5.file": wanted}
    (own / "a.json").write_text(json.dumps({"jacquard": 1, "nodes": nodes, "models": models}))
    shelf = Shelf("first", "second")
    settings = {"templates": own.parent, "models": shelf, "files": Files()}
    async with serving(tmp_path, ToyWorker(), **settings) as (client, _):
        (told,) = (await (await client.get("/api/v1/templates")).json())["templates"]
        assert [(need["such_as"], need["there"]) for need in told["needs"]] == [
            (["xl.safetensors"], ["first", "second"])
        ] * 2
        opened = await (await client.get("/api/v1/templates/a")).json()
        assert opened["nodes"]["1"]["inputs"] == {"file": "first"}
        assert opened["nodes"]["2.5"]["inputs"] == {"file": "mine", "other": 1}
        assert shelf.asked[0] == WantedModel(kind="checkpoint", family="sdxl", such_as=("xl.safetensors",))
        shelf.there = []
        opened = await (await client.get("/api/v1/templates/a")).json()
        assert opened["nodes"]["1"].get("inputs", {}) == {}
