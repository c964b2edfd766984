"""`models`: which model files there are, and where to put more."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.markup import escape

from commands.folders import MODEL_KINDS
from commands.installation import find_installation
from commands.terminal import RESULTS, print_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """List the models of every kind."""
    files = find_installation(arguments.data_dir, arguments.models_dir).files
    found: dict[str, list[dict[str, Any]]] = {}
    for kind in MODEL_KINDS:
        paths = {name: files.path(kind, name) for name in files.choices(kind)}
        found[kind] = [{"name": name, "path": str(path), "bytes": _size(path)} for name, path in paths.items()]
    if arguments.json:
        print_json(found)
        return 0
    for kind, models in found.items():
        RESULTS.print(f"[bold]{kind}[/]  [dim]{escape(str(files.roots[kind][0]))}[/]")
        for model in models:
            RESULTS.print(f"  {escape(model['name'])}  [dim]{model['bytes'] / 2**20:,.1f} MiB[/]")
        if not models:
            RESULTS.print("  [dim]none; put files here[/]")
    return 0


def _size(path: Path) -> int:
    files = [item for item in path.rglob("*") if item.is_file()] if path.is_dir() else [path]
    return sum(item.stat().st_size for item in files)
