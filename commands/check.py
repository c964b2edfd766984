"""`check`: reports all problems of workflow files without running them."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.markup import escape

from commands.packs import load_installation
from commands.run import EXIT_REFUSED
from commands.terminal import MESSAGES, RESULTS, print_json, print_problems
from graph.base.errors import WorkflowError
from graph.building.source_map import name_of
from graph.building.validation import validate
from graph.document.reader import read
from graph.document.workflow import INSIDE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("workflows", nargs="+", type=Path, help="workflow files")
    parser.add_argument("--json", action="store_true", help="print one line of JSON for each file")


def run(arguments: argparse.Namespace) -> int:
    """Checks every file; the exit code says whether all of them can run."""
    installation = load_installation(arguments)
    code = 0
    for path in arguments.workflows:
        try:
            workflow = read(path)
            graph = validate(workflow, installation.registry, installation.files)
        except WorkflowError as error:
            code = EXIT_REFUSED
            if arguments.json:
                print_json({"file": str(path), "ok": False, "problems": [item.as_json() for item in error.problems]})
            else:
                MESSAGES.print(f"[bold]{escape(str(path))}[/] cannot run:", soft_wrap=True)
                print_problems(error.problems)
            continue
        used = {node_id.split(INSIDE)[0] for node_id in (*graph.calls, *graph.named)}
        unused = [node_id for node_id in workflow.nodes if node_id not in used]
        if arguments.json:
            print_json(
                {
                    "file": str(path),
                    "ok": True,
                    "nodes": list(graph.calls),
                    "unused": unused,
                    "warnings": graph.left_out,
                }
            )
            continue
        RESULTS.print(f"[green]ok[/]  {escape(str(path))}: {len(graph.calls)} nodes would run", soft_wrap=True)
        if unused:
            names = ", ".join(name_of(workflow, node) for node in unused)
            RESULTS.print(f"    not needed by any target: {escape(names)}", soft_wrap=True)
        for node, why in graph.left_out.items():
            MESSAGES.print(f"[yellow]warning[/]  {escape(name_of(workflow, node))}: {escape(why)}", soft_wrap=True)
    return code
