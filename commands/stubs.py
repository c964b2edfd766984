"""`stubs`: writes workflow.pyi, so that editors complete the node types of this installation, packs included."""

from __future__ import annotations

import argparse
from pathlib import Path

from commands.packs import load_installation
from commands.stub_file import PLACE, current
from commands.terminal import RESULTS
from graph.files.folders import write_atomically


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", nargs="?", type=Path, default=PLACE, help="where to write it (default: workflow.pyi)")


def run(arguments: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    registry = load_installation(arguments).registry
    write_atomically(arguments.file, current(registry).encode(), overwrite=True)
    RESULTS.print(f"{len(registry)} node types are in {arguments.file}", soft_wrap=True, markup=False)
    return 0
