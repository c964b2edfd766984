"""The models as a server tells them: read behind the answers, corrected over the API, without paths of the machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Answer
from tests.support.headers import shapes
from tests.support.serving import Server
from tests.support.sparse_files import write_plain

pytestmark = pytest.mark.process
MOST_QUESTIONS = 100_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    for folder in ("models/vae", "models/loras", "other/Lora"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "extra_model_paths.yaml").write_text("other:\n  base_path: other\n  Lora: Lora\n  vae: gone\n")
    write_plain(tmp_path / "models/vae/ae.safetensors", shapes("vae-flux"))
    write_plain(tmp_path / "other/Lora/strange.safetensors", {"a.weight": (3, 3), "b.weight": (9, 9)})
    started = Server(tmp_path, "--models-dir", str(tmp_path / "models")).start()
    yield started
    started.stop()


def ask(server: Server, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    answer = server.ask(method, f"/api/v1{path}", body=json.dumps(body).encode() if body else None, headers=headers)
    assert answer.status == 200, answer.body
    return answer.json


def models(server: Server) -> dict[str, dict[str, Any]]:
    """All models by folder and name, once their headers were read."""
    for _ in range(MOST_QUESTIONS):
        told = ask(server, "GET", "/models")
        if all(model["kind"] for model in told["models"]):
            return {f"{model['folder']}/{model['name']}": model for model in told["models"]}
    raise AssertionError(told["reading"])


def test_each_file_is_told_and_corrected_and_seen_to_go(
    server: Server, command: Callable[..., Answer], tmp_path: Path
) -> None:
    found = models(server)
    assert found["vae/ae.safetensors"]["kind"] == "vae"
    assert found["checkpoints/picturebook"]["bundled"]
    assert found["loras/strange.safetensors"]["kind"] == "unknown"
    wanted = {"folder": "loras", "name": "strange.safetensors", "kind": "lora"}
    assert ask(server, "POST", "/models/override", wanted)["model"]["kind"] == "lora"
    places = ("--models-dir", tmp_path / "models")
    assert "as you said" in command("models", "loras/strange.safetensors", *places).out, "the command line knows"
    assert command("models", "loras/strange.safetensors", "--forget", *places).code == 0
    assert models(server)["loras/strange.safetensors"]["override"] == {}, "the server knows"
    (tmp_path / "models/vae/ae.safetensors").unlink()
    assert "vae/ae.safetensors" not in models(server)


def test_a_template_is_opened_with_the_file_that_is_there(server: Server, tmp_path: Path) -> None:
    (tmp_path / "models/checkpoints").mkdir()
    write_plain(tmp_path / "models/checkpoints/xl.safetensors", shapes("sdxl-base"))
    models(server)
    assert ask(server, "GET", "/templates/sdxl")["nodes"]["4"]["inputs"] == {"ckpt_name": "xl.safetensors"}


def test_what_is_wrong_with_the_settings_of_folders_is_told_without_the_place_of_the_machine(
    server: Server, tmp_path: Path
) -> None:
    (problem,) = ask(server, "GET", "/models")["problems"]
    assert "named for vae; its models are listed once it is there" in problem
    assert str(tmp_path) not in problem
    assert str(tmp_path / "other" / "gone") in server.errors(), "the terminal has the whole path"
