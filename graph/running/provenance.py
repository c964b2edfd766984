"""What is written down about a run: seeds, versions and the hashes of the models that took part."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graph.base.plain_files import open_plain
from graph.building.calls import Graph
from graph.document.workflow import INSIDE
from graph.files.folders import Files
from graph.files.listing import files_in
from graph.node_types.body import Body
from graph.node_types.digests import file_identity
from graph.node_types.widgets import FileChoice, Seed


class FileHashes:
    """SHA-256 of files and model folders; each is read once while it does not change."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], str] = {}
        self._lock = threading.Lock()

    def sha256(self, path: Path) -> str:
        """The hash of a file; for a folder, of the names and hashes of its files."""
        identity = (str(path), *file_identity(path))
        with self._lock:
            if identity not in self._known:
                self._known[identity] = _sha256(path)
            return self._known[identity]


def describe_run(
    run_id: str, graph: Graph, files: Files, hashes: FileHashes, versions: Mapping[str, str]
) -> dict[str, Any]:
    """The facts that let someone make the same picture again: seeds, models, versions."""
    seeds: dict[str, int] = {}
    chosen: list[tuple[str, str]] = []
    for call in graph.calls.values():
        for item in call.type.inputs:
            value = call.literals.get(item.name)
            if value is None:
                continue
            if isinstance(item.widget, Seed):
                seeds[f"{call.id}.{item.name}"] = value
            elif isinstance(item.widget, FileChoice):
                chosen.append((item.widget.folder, value))
            elif isinstance(value, Body):
                seeds.update({f"{call.id}{INSIDE}{place}": seed for place, seed in value.seeds.items()})
                chosen += value.files
    models = {
        f"{folder}/{name}": hashes.sha256(files.path(folder, name)) for folder, name in chosen if folder != "input"
    }
    return {"run_id": run_id, "seeds": seeds, "models": models, "versions": dict(versions)}


def _sha256(path: Path) -> str:
    if not path.is_dir():
        with open_plain(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    whole = hashlib.sha256()
    for name, item in files_in(path):
        whole.update(f"{name}\0{_sha256(item)}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()
