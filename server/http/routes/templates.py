"""The example workflows. Some need model files of one's own: those are named, and the first that would do is chosen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from graph.base.errors import WorkflowError
from graph.document.reader import read
from graph.files.folders import Files, safe_name
from server.access.routing import Permission, Route
from server.answers import json_answer
from server.errors import not_found
from server.services import SERVICES
from server.settings import ModelCollection
from server.shapes.models import WantedModel
from server.shapes.workflows import TemplateInfo, Templates, Workflow
from server.storage.artifact_urls import addresses

API = "/api/v1/templates"
OWN_MODELS = "own-models"
"""The folder with the examples that need model files of one's own."""


async def list_templates(request: web.Request) -> web.Response:
    """Lists the example workflows: those that run at once, then the others."""
    settings = request.app[SERVICES].settings
    return json_answer(
        Templates(templates=await asyncio.to_thread(_templates, settings.templates, settings.files, settings.models))
    )


async def get_template(request: web.Request) -> web.Response:
    """Returns an example workflow; inputs that name no file get one that would do, where there is one."""
    settings, name = request.app[SERVICES].settings, request.match_info["name"]
    file = None if settings.templates is None or "/" in name else _find(settings.templates, name)
    if file is None:
        raise not_found(f"template {name!r}")
    return json_answer(await asyncio.to_thread(_filled, file, settings.models))


def _find(folder: Path, name: str) -> Path | None:
    inside = safe_name(f"{name}.json")
    return next((file for file in (folder / inside, folder / OWN_MODELS / inside) if file.is_file()), None)


def _templates(folder: Path | None, files: Files, models: ModelCollection | None) -> list[TemplateInfo]:
    found = []
    places = [] if folder is None else [folder, folder / OWN_MODELS]
    for file in (file for place in places for file in sorted(place.glob("*.json"), key=lambda file: file.stem)):
        try:
            workflow = read(file)
        except WorkflowError:
            continue
        picture = next((name for name in files.bundled_files("input") if Path(name).stem == file.stem), None)
        found.append(
            TemplateInfo(
                name=file.stem,
                title=workflow.title or file.stem,
                description=workflow.description,
                node_types=sorted(workflow.node_types()),
                thumbnail=addresses("input", picture, "image/png")["thumbnail"] if picture else None,
                needs=[] if models is None else [models.supply(wanted) for _, _, wanted in _wanted(workflow.models)],
            )
        )
    return found


def _filled(file: Path, models: ModelCollection | None) -> Any:
    document = json.loads(file.read_bytes())
    if models is None:
        return document
    for node, socket, wanted in _wanted(document.get("models", {})):
        inputs = document["nodes"][node].setdefault("inputs", {})
        if socket not in inputs and (there := models.supply(wanted).there):
            inputs[socket] = there[0]
    return document


def _wanted(models: Mapping[str, Any]) -> Iterator[tuple[str, str, WantedModel]]:
    """The model files that a workflow names under "node.input"."""
    for place, what in models.items():
        node, _, socket = place.rpartition(".")
        yield node, socket, msgspec.convert(what, WantedModel)


ROUTES = (
    Route("GET", API, list_templates, Permission.READ, "The example workflows", gives=Templates),
    Route("GET", f"{API}/{{name}}", get_template, Permission.READ, "One example", gives=Workflow),
)
