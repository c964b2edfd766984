"""Jacquard on the command line: `python main.py` serves, `python main.py run workflows/text-to-image.json` paints."""

from __future__ import annotations

import argparse
import io
import os
import sys
from importlib import import_module
from pathlib import Path

from commands import streams
from commands.environment import prepare_environment
from graph.base.gc_pacing import collector_at_rest

prepare_environment()  # before any library reads it

DEFAULT = "serve"
EXIT_BROKEN_PIPE = 141
"""What a shell gives for a program that was ended by a closed pipe."""
COMMANDS = {
    "serve": "show the editor and answer the API (this is what happens without a command)",
    "open": "print a new address that signs a browser in to the server that is running, and open it",
    "run": "paint a workflow",
    "check": "say what is wrong with workflow files, without running them",
    "nodes": "list the node types, or tell about one",
    "models": "say what each model file is and what goes with it, and where to put more",
    "convert": "make a safetensors file of a pickled one (.ckpt, .pt, .bin), safely",
    "stubs": "write workflow.pyi, so that editors complete the names of nodes in Python",
    "cache": "say what is remembered, and why nodes would run; check it, or forget it",
    "worker": "",
    "try_pack": "",
}
"""Each is a module of `commands`, imported on demand, so that the page is up before the nodes are."""
WITH_PACKS = ("run", "check", "nodes", "stubs", "cache")
"""Their standard output is reserved for results: packs and nodes print to standard error."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code: 0 success, 1 a run failed, 2 refused, 130 cancelled."""
    streams.fill_missing()
    _show_anything()
    given = sys.argv[1:] if arguments is None else arguments
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given = [DEFAULT, *given]
    parser = argparse.ArgumentParser(prog="main.py", description="Jacquard weaves pictures from a graph of nodes.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, **({"help": summary} if summary else {}))
        if name != given[0]:
            continue
        with collector_at_rest():  # modules stay: to look for garbage among them costs a twelfth of the start
            module = import_module(f"commands.{name}")
        command.description = module.__doc__
        module.add_arguments(command)
        command.add_argument("--data-dir", type=Path, metavar="DIR", help="where input/, output/ and temp/ are")
        command.add_argument("--models-dir", type=Path, metavar="DIR", help="where the model folders are")
        command.add_argument(
            "--extra-model-paths", type=Path, action="append", metavar="FILE",
            help="a file that names more folders with models, like extra_model_paths.yaml; may be repeated",
        )  # fmt: skip
        command.add_argument("--packs-dir", type=Path, metavar="DIR", help="where the node packs are")
    parsed = parser.parse_args(given)
    run = import_module(f"commands.{parsed.command}").run
    is_program = arguments is None
    try:
        if parsed.command in WITH_PACKS:
            with streams.apart(for_good=is_program):
                code = int(run(parsed))
                streams.answers().flush()
        else:
            code = int(run(parsed))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of the pipe has ended, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), streams.answers().fileno())  # Python flushes at its end
        return EXIT_BROKEN_PIPE
    if is_program and parsed.command in WITH_PACKS:
        streams.end_soon(code)
    return code


def _show_anything() -> None:
    """Escapes characters that the encoding of the console lacks, so that a title never ends a run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
