"""Jacquard on the command line: `python main.py run workflows/text-to-image.json`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before any library reads it: nothing here needs a model hub

from commands import check, models, nodes, run

COMMANDS = {
    "run": (run, "paint a workflow"),
    "check": (check, "say what is wrong with workflow files, without running them"),
    "nodes": (nodes, "list the node types, or tell about one"),
    "models": (models, "list the model files, and where to put more"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 well, 1 a run failed, 2 refused, 130 cancelled."""
    parser = argparse.ArgumentParser(prog="main.py", description="Jacquard weaves pictures from a graph of nodes.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=module.__doc__)
        module.add_arguments(command)
        command.add_argument("--data-dir", type=Path, metavar="DIR", help="where input/, output/ and temp/ are")
        command.add_argument("--models-dir", type=Path, metavar="DIR", help="where the model folders are")
    parsed = parser.parse_args(arguments)
    return int(COMMANDS[parsed.command][0].run(parsed))


if __name__ == "__main__":
    sys.exit(main())
