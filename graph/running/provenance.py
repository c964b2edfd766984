"""What is written down about a run: seeds, versions and the hashes of the models that took part."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from graph.building.calls import Graph
from graph.document.workflow import INSIDE
from graph.files.folders import FileNameError, Files
from graph.node_types.body import Body
from graph.node_types.widgets import FileChoice, Seed
from graph.running.file_hashes import FileHashes


def model_files(graph: Graph, files: Files) -> dict[str, Path]:
    """Return the model files that a graph names, by folder and name; those that are there."""
    found: dict[str, Path] = {}
    for folder, name in _chosen(graph):
        with contextlib.suppress(FileNameError):
            found[f"{folder}/{name}"] = files.path(folder, name)
    return found


def describe_run(
    run_id: str,
    graph: Graph,
    files: Files,
    hashes: FileHashes,
    versions: Mapping[str, str],
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """The facts that let someone make the same picture again: seeds, models, versions.

    Waits for the hashes of models, and raises `CancelledError` when `cancelled` returns true meanwhile.
    """
    seeds: dict[str, int] = {}
    for call in graph.calls.values():
        for item in call.type.inputs:
            value = call.literals.get(item.name)
            if value is not None and isinstance(item.widget, Seed):
                seeds[f"{call.id}.{item.name}"] = value
            elif isinstance(value, Body):
                seeds.update({f"{call.id}{INSIDE}{place}": seed for place, seed in value.seeds.items()})
    models = {f"{folder}/{name}": hashes.sha256(files.path(folder, name), cancelled) for folder, name in _chosen(graph)}
    return {"run_id": run_id, "seeds": seeds, "models": models, "versions": dict(versions)}


def _chosen(graph: Graph) -> Iterator[tuple[str, str]]:
    """Yield folder and name of the files that a graph names, besides pictures."""
    for call in graph.calls.values():
        for item in call.type.inputs:
            value = call.literals.get(item.name)
            if isinstance(item.widget, FileChoice):
                if value is not None and item.widget.folder != "input":
                    yield item.widget.folder, value
            elif isinstance(value, Body):
                yield from ((folder, name) for folder, name in value.files if folder != "input")
