"""`run`: runs a workflow in this process."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commands.caching import open_cache
from commands.explaining import Both, Reasons, print_reasons
from commands.installation import Installation
from commands.overrides import apply_overrides
from commands.packs import load_installation
from commands.terminal import (
    MESSAGES,
    JsonView,
    ProgressView,
    print_json,
    print_outcome,
    print_problems,
    print_warnings,
    saved_files,
)
from graph.base.errors import WorkflowError
from graph.building.seeds import advance_seeds, count_up_fixed, seeds_of
from graph.building.validation import validate
from graph.document.literals import unfit_words
from graph.document.reader import parse, read
from graph.document.workflow import Workflow
from graph.engine import Engine, Outcome
from graph.node_types.context import CancelToken
from graph.running.file_hashes import FileHashes

EXIT_FAILED, EXIT_REFUSED, EXIT_CANCELLED = 1, 2, 130
_EXIT = {"finished": 0, "failed": EXIT_FAILED, "cancelled": EXIT_CANCELLED}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("workflow", help="a workflow file; - reads it from standard input")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NODE.INPUT=VALUE", dest="assignments",
        help='change an input, e.g. --set 6.text="a red boat" --set KSampler.seed=7; may be repeated',
    )  # fmt: skip
    parser.add_argument("--output", type=Path, metavar="DIR", help="where pictures go (default: output/)")
    parser.add_argument(
        "--target", action="append", metavar="NODE", help="run only what this node needs; may be repeated"
    )
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="run N times, each with seeds of its own")
    parser.add_argument(
        "--explain", action="store_true", help="say of every node why it ran, or why it did not have to"
    )
    parser.add_argument("--json", action="store_true", help="print events and results as lines of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Runs the command; returns the exit code."""
    installation = load_installation(arguments, arguments.output)
    try:
        workflow = _load(arguments.workflow)
        workflow = apply_overrides(workflow, arguments.assignments, installation.registry, installation.files)
        if unfit_words(workflow):
            validate(workflow, installation.registry, installation.files, arguments.target)
        return _run_all(arguments, workflow, installation)
    except WorkflowError as error:
        print_problems(error.problems)
        if arguments.json:
            print_json({"status": "refused", "problems": [problem.as_json() for problem in error.problems]})
        return EXIT_REFUSED


def _load(name: str) -> Workflow:
    return parse(sys.stdin.buffer.read(), name="standard input") if name == "-" else read(Path(name))


def _run_all(arguments: argparse.Namespace, workflow: Workflow, installation: Installation) -> int:
    token = CancelToken()
    status = "finished"
    cache = open_cache(arguments.data_dir)
    engine = Engine(
        installation.registry, installation.files, cache=cache, versions=installation.versions,
        hashes=FileHashes(installation.library),
    )  # fmt: skip
    with engine, _ctrl_c(token):
        for number in range(max(arguments.repeat, 1)):
            if number:
                workflow = count_up_fixed(workflow, installation.registry)
            workflow = advance_seeds(workflow, installation.registry)
            reasons = Reasons()
            with JsonView() if arguments.json else ProgressView(workflow) as view:
                outcome = engine.run(workflow, arguments.target, listener=Both(reasons, view), token=token)
            _report(arguments, outcome, workflow, installation)
            if arguments.explain and not arguments.json:
                print_reasons(reasons, outcome, workflow)
            status = outcome.status
            if status != "finished":
                break
    return _EXIT[status]


def _report(arguments: argparse.Namespace, outcome: Outcome, workflow: Workflow, installation: Installation) -> None:
    seeds = seeds_of(workflow, installation.registry)
    if arguments.json:
        print_json(
            {
                "status": outcome.status,
                "run": outcome.run_id,
                "seeds": seeds,
                "ran": outcome.ran,
                "reused": outcome.reused,
                "files": [str(path) for path in saved_files(outcome, installation.files)],
                "problems": [problem.as_json() for problem in outcome.problems],
                "warnings": {node: warned.lines() for node, warned in outcome.warnings.items()},
            }
        )
    else:
        print_outcome(outcome, workflow, seeds, installation.files)
    print_warnings(outcome, workflow)
    print_problems(outcome.problems)
    if outcome.status == "cancelled":
        MESSAGES.print("[yellow]Cancelled.[/]")


@contextmanager
def _ctrl_c(token: CancelToken) -> Iterator[None]:
    """The first Ctrl+C cancels the run at its next step; the second ends the program at once."""

    def interrupted(*_: object) -> None:
        if token.cancelled:
            os._exit(EXIT_CANCELLED)
        token.cancel()
        MESSAGES.print("Stopping at the next step; press Ctrl+C again to stop at once.")

    previous = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
