"""`models`: lists the model files, and the folders for more."""

from __future__ import annotations

import argparse
import contextlib
from typing import Any

from rich.markup import escape

from commands.folders import MODEL_KINDS, find_files
from commands.terminal import RESULTS, print_json
from graph.files.folders import FileNameError
from graph.files.listing import size_of

_SHOWN = 20
"""How many left-out files are printed for a folder."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Lists the models of every kind."""
    files = find_files(arguments.data_dir, arguments.models_dir)
    found: dict[str, list[dict[str, Any]]] = {}
    left_out: list[dict[str, str]] = []
    for kind in MODEL_KINDS:
        listing = files.listing(kind)
        found[kind] = []
        for name in listing.names:
            with contextlib.suppress(FileNameError):  # removed meanwhile
                path = files.path(kind, name)
                found[kind].append({"name": name, "path": str(path), "bytes": size_of(path)})
        left_out += [{"kind": kind, **item.as_json()} for item in listing.left_out]
    if arguments.json:
        print_json({**found, "left_out": left_out})
        return 0
    for kind, models in found.items():
        RESULTS.print(f"[bold]{kind}[/]  [dim]{escape(str(files.roots[kind][0]))}[/]")
        for model in models:
            RESULTS.print(f"  {escape(model['name'])}  [dim]{model['bytes'] / 2**20:,.1f} MiB[/]")
        missing = [item for item in left_out if item["kind"] == kind]
        for item in missing[:_SHOWN]:
            RESULTS.print(f"  [yellow]left out:[/] {escape(item['name'])}  [dim]{item['reason']}[/]")
        if len(missing) > _SHOWN:
            RESULTS.print(f"  [yellow]left out:[/] {len(missing) - _SHOWN:,} more")
        if not models:
            RESULTS.print("  [dim]none; put files here[/]")
    return 0
