"""`try_pack`: imports one pack and exits; `pack_trial` starts it to find out what a pack does to a process."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import nodes
from commands.installation import WATCHES
from graph.node_types.registry import Registry
from graph.packs.loading import load_packs
from graph.packs.quarantine import PackNotes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("pack", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--notes", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, required=True, help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Imports the pack; the exit code is 0 if the import returned or raised."""
    registry = Registry()
    nodes.add_to(registry)
    notes = PackNotes(arguments.notes, seconds=arguments.seconds)
    load_packs(arguments.pack.parent, registry, only=arguments.pack.name, notes=notes, watches=WATCHES)
    os._exit(0)  # without waiting for threads of the pack
