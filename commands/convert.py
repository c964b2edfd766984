"""`convert`: makes a safetensors file of a pickled one (.ckpt, .pt, .pth, .bin); what the pickle says is not run."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from commands.folders import ROOT
from commands.terminal import MESSAGES, RESULTS, print_json

EXIT_REFUSED = 2
_SHOWN = 12
"""How many of the dropped parts are printed; with --json it is all of them."""


class _RefusedError(Exception):
    """A conversion that cannot be done: the message, and what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", type=Path, help="the pickled file")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to put it (beside FILE, as .safetensors)")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Converts one file; the original stays as it is."""
    source: Path = arguments.file
    target: Path = arguments.output or source.with_suffix(".safetensors")
    try:
        _check(source, target, overwrite=arguments.overwrite)
        report = _convert(source, target, overwrite=arguments.overwrite, quiet=arguments.json)
    except _RefusedError as error:
        if arguments.json:
            print_json({"error": {"message": str(error), "remedy": error.remedy}})
        else:
            MESSAGES.print(f"[red]{escape(str(error))}[/]\n{escape(error.remedy)}")
        return EXIT_REFUSED
    if arguments.json:
        print_json({"file": str(target), **report})
    else:
        _tell(target, report)
    return 0


def _check(source: Path, target: Path, *, overwrite: bool) -> None:
    if not source.is_file():
        there = "is not a plain file" if os.path.lexists(source) else "is not there"
        raise _RefusedError(f"{source} {there}.", "Name a .ckpt, .pt, .pth or .bin file.")
    if source.suffix.lower() in (".safetensors", ".sft", ".gguf"):
        raise _RefusedError(f"{source.name} needs no conversion.", "Use it as it is: it holds nothing that could run.")
    if target.exists() and not overwrite:
        raise _RefusedError(f"{target} is there already.", "Choose another place with --output, or give --overwrite.")
    if target.exists() and target.samefile(source):
        raise _RefusedError("The new file would take the place of the old one.", "Choose another place with --output.")
    if not target.parent.is_dir():
        raise _RefusedError(f"There is no folder {target.parent}.", "Make it, or choose another place with --output.")


def _convert(source: Path, target: Path, *, overwrite: bool, quiet: bool) -> dict[str, Any]:
    """Runs the process that opens the pickle; moves its file into place when it is whole."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    except OSError as error:
        raise _RefusedError(
            f"Nothing can be written into {target.parent}: {error.strerror}.", "Choose another."
        ) from error
    os.close(handle)
    part = Path(name)
    try:
        report: dict[str, Any] = {}
        walls: list[str] = []
        with _bar(quiet=quiet) as show:
            for line in _lines(source, part):
                walls = line.get("walls", walls)
                if "progress" in line:
                    show(*line["progress"])
                if "error" in line:
                    raise _RefusedError(line["error"]["message"], line["error"]["remedy"])
                report = line.get("done", report)
        if not report:
            raise _RefusedError(
                f"{source.name}: the process that opened it was ended before it was done.",
                "It needed more memory than twice its size: the file is damaged, or a trap.",
            )
        if target.exists() and not overwrite:
            raise _RefusedError(f"{target} has appeared meanwhile.", "Choose another place with --output.")
        part.chmod(0o644)
        part.replace(target)
        return {**report, "not_confined": walls}
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _lines(source: Path, part: Path) -> Iterator[dict[str, Any]]:
    """What the process tells, line by line; ends it when nobody listens any more."""
    environment = {
        name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "HOME", "TMPDIR")
    }
    environment |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-B", "-m", "diffusion.pickles", str(source.resolve()), str(part.resolve())]
    process = subprocess.Popen(  # noqa: S603 - our own module, and paths as single arguments
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    try:
        for line in process.stdout or ():
            with contextlib.suppress(ValueError):
                told = json.loads(line)
                if isinstance(told, dict):
                    yield told
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def _bar(*, quiet: bool) -> Iterator[Any]:
    if quiet:
        yield lambda *_: None
        return
    columns = (TextColumn("writing"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=MESSAGES, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _tell(target: Path, report: dict[str, Any]) -> None:
    size = report["bytes"] / 2**20
    RESULTS.print(f"[bold]{escape(str(target))}[/]  [dim]{report['tensors']:,} tensors, {size:,.1f} MiB[/]")
    for title, names in (("dropped", report["dropped"]), ("not loaded", report["not_loaded"])):
        for name in names[:_SHOWN]:
            RESULTS.print(f"  [yellow]{title}:[/] {escape(name)}")
        if len(names) > _SHOWN:
            RESULTS.print(f"  [yellow]{title}:[/] {len(names) - _SHOWN:,} more (--json lists them)")
    for reason in report["not_confined"]:
        RESULTS.print(f"  [dim]less confined than on other systems: {escape(reason)}[/]")
