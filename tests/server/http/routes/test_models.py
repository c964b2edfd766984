"""The list of models is fetched again only when it changed, and what a person sets for a file is told to everyone."""

from __future__ import annotations

import json
from pathlib import Path

from graph.files.folders import Files
from server.errors import ApiError
from server.shapes.models import ModelInfo, ModelOverride, ModelReading, Models, WantedModel
from server.shapes.workflows import TemplateNeed
from tests.server.test_full_disk import serving
from tests.support.serving import asynchronous
from tests.support.toy_worker import ToyWorker


class Collection:
    """One model, whose kind can be set."""

    def __init__(self) -> None:
        self.model = ModelInfo(folder="vae", name="a.safetensors", bytes=5, kind="vae")
        self.closed = False

    def listing(self) -> Models:
        return Models(
            reading=ModelReading(read=1, of=1), folders=[], kinds={}, families=[], models=[self.model], left_out=[],
            problems=[],
        )  # fmt: skip

    def supply(self, wanted: WantedModel) -> TemplateNeed:
        raise NotImplementedError

    def override(self, wanted: ModelOverride) -> ModelInfo:
        if wanted.name != self.model.name:
            raise ApiError(404, "not_found", "There is no such file.")
        self.model = ModelInfo(folder="vae", name=wanted.name, bytes=5, kind=wanted.kind or "vae")
        return self.model

    def close(self) -> None:
        self.closed = True


@asynchronous
async def test_the_list_comes_with_an_etag_and_again_when_it_changed(tmp_path: Path) -> None:
    models = Collection()
    async with serving(tmp_path, ToyWorker(), files=Files(), models=models) as (client, _):
        answer = await client.get("/api/v1/models")
        assert (await answer.json())["models"][0]["name"] == "a.safetensors"
        etag = answer.headers["ETag"]
        assert (await client.get("/api/v1/models", headers={"If-None-Match": etag})).status == 304
        models.model = ModelInfo(folder="vae", name="b.safetensors", bytes=5, kind="vae")
        again = await client.get("/api/v1/models", headers={"If-None-Match": etag})
        assert (again.status, (await again.json())["models"][0]["name"]) == (200, "b.safetensors")
    assert models.closed


@asynchronous
async def test_what_is_set_is_answered_and_the_choices_of_the_folder_changed(tmp_path: Path) -> None:
    async with serving(tmp_path, ToyWorker(), files=Files(), models=Collection()) as (client, services):
        seen: list[str] = []
        services.hub.publish = lambda message: seen.append(json.loads(json.dumps(str(message))))  # type: ignore[method-assign]
        body = {"folder": "vae", "name": "a.safetensors", "kind": "lora"}
        answer = await client.post("/api/v1/models/override", json=body)
        assert (answer.status, (await answer.json())["model"]["kind"]) == (200, "lora")
        assert ["ChoicesChanged" in item and "'vae'" in item for item in seen] == [True]
        missing = await client.post("/api/v1/models/override", json={**body, "name": "b"})
        assert (missing.status, len(seen)) == (404, 1)
        assert (await client.post("/api/v1/models/override", json={**body, "size": 3})).status == 400


@asynchronous
async def test_a_server_without_model_folders_has_no_list(tmp_path: Path) -> None:
    async with serving(tmp_path, ToyWorker(), files=Files()) as (client, _):
        assert (await client.get("/api/v1/models")).status == 404
