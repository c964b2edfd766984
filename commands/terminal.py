"""Shows a run in a terminal: a progress bar while it runs, and a short report at its end.

Titles, prompts and file names come from others. Characters that would control the terminal are shown escaped, and those
that its encoding lacks are replaced (`main.py` sets that up); in JSON they are escaped, so that nothing is lost.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from commands.streams import answers
from graph.base.errors import Problem
from graph.building.source_map import name_of
from graph.document.workflow import Workflow
from graph.engine import Outcome
from graph.files.folders import Files
from graph.node_types.context import Artifact
from graph.running import events

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""All control characters except tab and newline, and those that change the direction of writing."""


def visible(text: str) -> str:
    """Returns `text` with terminal control characters escaped, as in `\\x1b`."""
    return _STEERING.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


class _PlainConsole(Console):
    """Prints untrusted texts without their control characters."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Escapes every text that is printed, alone or in a table, before it gets its styles."""
        return super().render_str(visible(text), **options)

    def on_broken_pipe(self) -> None:
        """Raises `BrokenPipeError`, on which `main.py` ends the program."""
        raise BrokenPipeError


class _Answers(_PlainConsole):
    """Prints the results of a command."""

    @property
    def file(self) -> IO[str]:
        """The stream for results at present."""
        return answers()


MESSAGES = _PlainConsole(stderr=True, highlight=False)
# A program that reads a pipe expects lines without the wrapping of a terminal.
RESULTS = _Answers(highlight=False, width=None if sys.stdout.isatty() else 1000)


class ProgressView:
    """Shows the events of a run on standard error: as a bar on a terminal, as lines elsewhere."""

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
        """Handles one event."""
        match event:
            case events.NodeStarted(node=node):
                self._task(node)
            case events.NodeProgressed(node=node, value=value, maximum=maximum):
                # after a failed item of a stream the node goes on with the next
                self._bar.update(self._task(node), completed=value, total=maximum, count=f"{value:g}/{maximum:g}")
            case events.NodeFinished(node=node) | events.NodeCancelled(node=node) | events.NodeFailed(node=node):
                if node in self._tasks:
                    self._bar.remove_task(self._tasks.pop(node))

    def _task(self, node: str) -> TaskID:
        if node not in self._tasks:
            self._tasks[node] = self._bar.add_task(visible(escape(name_of(self._workflow, node))), total=None, count="")
        return self._tasks[node]


class JsonView:
    """Prints every event as one line of JSON on standard output, for other programs to read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        answers().flush()

    def __call__(self, event: events.Event) -> None:
        """Handles one event."""
        print_json(event.as_json())


def print_json(data: Any) -> None:
    """Prints one line of JSON on standard output; characters that its encoding lacks are escaped."""
    line = json.dumps(data, ensure_ascii=False)
    try:
        line.encode(getattr(answers(), "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(data)
    answers().write(line + "\n")


def print_problems(problems: tuple[Problem, ...] | list[Problem]) -> None:
    """Prints problems on standard error."""
    for problem in problems:
        MESSAGES.print(f"[bold red]error[/] [dim]{problem.code}[/]  {escape(str(problem))}", soft_wrap=True)


def print_warnings(outcome: Outcome, workflow: Workflow) -> None:
    """Prints the warnings of nodes on standard error."""
    for node_id, warned in outcome.warnings.items():
        for line in warned.lines():
            MESSAGES.print(f"[yellow]warning[/]  {escape(name_of(workflow, node_id))}: {escape(line)}", soft_wrap=True)


def print_outcome(outcome: Outcome, workflow: Workflow, seeds: Mapping[str, object], files: Files) -> None:
    """Prints which nodes ran or were reused, the seeds, and the paths of saved files."""
    for node_id in outcome.ran:
        RESULTS.print(f"  [green]ran[/]     {outcome.seconds[node_id]:6.2f} s  {escape(name_of(workflow, node_id))}")
    for node_id in outcome.reused:
        RESULTS.print(f"  [cyan]reused[/]           {escape(name_of(workflow, node_id))}")
    for place, seed in seeds.items():
        RESULTS.print(f"[bold]Seed:[/]    {seed} [dim]({escape(place)})[/]")
    for artifact in _shown(outcome):
        what = "Picture:" if artifact.media.startswith("image/") else "File:   "
        RESULTS.print(f"[bold]{what}[/] {escape(str(files.path(artifact.folder, artifact.name)))}", soft_wrap=True)


def saved_files(outcome: Outcome, files: Files) -> list[Path]:
    """Returns the files that a run made or shows again."""
    return [files.path(artifact.folder, artifact.name) for artifact in _shown(outcome)]


def _shown(outcome: Outcome) -> list[Artifact]:
    return [artifact for artifacts in outcome.artifacts.values() for artifact in artifacts]
