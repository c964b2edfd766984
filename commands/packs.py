"""Packs on the command line: loads them with the notes about them, and reports those that are left out."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from rich.markup import escape

from commands.folders import find_extra_paths
from commands.installation import Installation, find_installation, find_notes
from commands.streams import answers
from commands.terminal import MESSAGES
from graph.packs.loading import PackReport, ProcessBrokenError

EXIT_BROKEN = 2


def load_installation(arguments: argparse.Namespace, output: Path | None = None) -> Installation:
    """Returns the installation for a command; reports broken packs on standard error."""
    notes = find_notes(arguments.data_dir)
    notes.on_trial = lambda words: MESSAGES.print(escape(words), soft_wrap=True)
    extra = find_extra_paths(arguments.models_dir, arguments.extra_model_paths)
    for problem in extra.problems:
        MESSAGES.print(f"[yellow]models[/] {escape(problem)}", soft_wrap=True)
    try:
        installation = find_installation(
            arguments.data_dir, arguments.models_dir, output, extra=extra, packs_dir=arguments.packs_dir, notes=notes,
            vital=_vital(),
        )  # fmt: skip
    except ProcessBrokenError as error:
        with contextlib.suppress(OSError, ValueError):
            print_pack_problems([error.report])
            MESSAGES.print("This command cannot go on; give it once more, and it goes on without the pack.")
            sys.stderr.flush()
        os._exit(EXIT_BROKEN)
    print_pack_problems(installation.packs)
    return installation


def print_pack_problems(packs: Iterable[PackReport]) -> None:
    """Prints the problems of packs, one line each."""
    for pack in packs:
        for line in pack_problems(pack):
            MESSAGES.print(f"[yellow]pack[/] {escape(line)}", soft_wrap=True)


def pack_problems(pack: PackReport) -> list[str]:
    """Returns the problems of a pack as lines."""
    lines = []
    if pack.error:
        place = f"{pack.place}: " if pack.place else ""
        lines.append(f"{pack.name} was left out: {place}{pack.error}")
    lines += [f"{pack.name}: {refused}; this node was left out" for refused in pack.refused]
    if pack.changed:
        lines.append(f"{pack.name} changed the program around it, which was put back: {', '.join(pack.changed)}")
    return lines


def _vital() -> tuple[int, ...]:
    try:
        return (answers().fileno(),)
    except (OSError, ValueError, AttributeError):
        return ()
