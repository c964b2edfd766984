"""What a run looks like in a terminal: a progress bar while it works, and a short account when it is done."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from graph import events
from graph.engine import Outcome
from graph.errors import Problem
from graph.files import Files
from graph.places import name_of
from graph.workflow import Workflow

MESSAGES = Console(stderr=True, highlight=False)
# Into a pipe, a line is a line: what reads it should not meet the wrapping of a terminal that is not there.
RESULTS = Console(highlight=False, width=None if sys.stdout.isatty() else 1000)


class ProgressView:
    """Shows the events of a run on standard error; as a bar on a terminal, as lines elsewhere."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"), TimeElapsedColumn(),
            console=MESSAGES, transient=True,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._bar.stop()

    def __call__(self, event: events.Event) -> None:
        """Take one event."""
        match event:
            case events.NodeStarted(node=node):
                self._task(node)
            case events.NodeProgressed(node=node, value=value, maximum=maximum):
                # after an item of a stream failed, the node goes on with the next
                self._bar.update(self._task(node), completed=value, total=maximum, count=f"{value:g}/{maximum:g}")
            case events.NodeFinished(node=node) | events.NodeCancelled(node=node) | events.NodeFailed(node=node):
                if node in self._tasks:
                    self._bar.remove_task(self._tasks.pop(node))

    def _task(self, node: str) -> TaskID:
        if node not in self._tasks:
            self._tasks[node] = self._bar.add_task(escape(name_of(self._workflow, node)), total=None, count="")
        return self._tasks[node]


class JsonView:
    """Prints every event as one line of JSON on standard output, for other programs to read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        sys.stdout.flush()

    def __call__(self, event: events.Event) -> None:
        """Take one event."""
        print_json(event.as_json())


def print_json(data: Any) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")


def print_problems(problems: tuple[Problem, ...] | list[Problem]) -> None:
    """Every problem, in words, on standard error."""
    for problem in problems:
        MESSAGES.print(f"[bold red]error[/] [dim]{problem.code}[/]  {escape(str(problem))}", soft_wrap=True)


def print_outcome(outcome: Outcome, workflow: Workflow, seeds: Mapping[str, object], files: Files) -> None:
    """What ran, what was reused, with which seeds, and where the files are."""
    for node_id in outcome.ran:
        RESULTS.print(f"  [green]ran[/]     {outcome.seconds[node_id]:6.2f} s  {escape(name_of(workflow, node_id))}")
    for node_id in outcome.reused:
        RESULTS.print(f"  [cyan]reused[/]           {escape(name_of(workflow, node_id))}")
    for place, seed in seeds.items():
        RESULTS.print(f"[bold]Seed:[/]    {seed} [dim]({escape(place)})[/]")
    for path in saved_files(outcome, files):
        RESULTS.print(f"[bold]Picture:[/] {escape(str(path))}", soft_wrap=True)


def saved_files(outcome: Outcome, files: Files) -> list[Path]:
    """The files that a run made or showed again."""
    shown = [artifact for artifacts in outcome.artifacts.values() for artifact in artifacts]
    return [files.path(artifact.folder, artifact.name) for artifact in shown]
