"""Collects during a run why each node was called, reused or skipped, and prints it."""

from __future__ import annotations

from rich.markup import escape

from commands.terminal import RESULTS
from graph.building.source_map import name_of
from graph.caching.call_history import Reason
from graph.document.workflow import Workflow
from graph.engine import Outcome
from graph.running import events
from graph.running.publisher import Listener

HOW = {
    "remembered": "its result is remembered",
    "same inputs": "what feeds it ran and gave what it had given before",
    "equal node": "an equal node ran for it",
}


class Reasons:
    """A listener that collects why nodes were called, how they were reused, and why they were skipped."""

    def __init__(self) -> None:
        self.called: dict[str, Reason] = {}
        self.reused: dict[str, str] = {}
        self.skipped: dict[str, str] = {}

    def __call__(self, event: events.Event) -> None:
        """Handles one event."""
        match event:
            case events.NodeStarted(node=node, reason=Reason() as reason):
                self.called[node] = reason
            case events.NodeReused(node=node, how=how):
                self.reused[node] = how
            case events.NodeSkipped(node=node, because=because):
                self.skipped[node] = because


class Both:
    """Two listeners as one."""

    def __init__(self, first: Listener, second: Listener) -> None:
        self._listeners = (first, second)

    def __call__(self, event: events.Event) -> None:
        """Passes one event to both."""
        for listener in self._listeners:
            listener(event)


def print_reasons(reasons: Reasons, outcome: Outcome, workflow: Workflow) -> None:
    """Prints for every node of a run why it ran or did not."""
    RESULTS.print("[bold]Why:[/]")
    failed = {problem.node for problem in outcome.problems}
    for node, reason in reasons.called.items():
        what = "[red]failed[/]  " if node in failed else "[green]ran[/]     "
        _print(what, name_of(workflow, node), reason.message)
    for node in outcome.reused:
        _print("[cyan]reused[/]  ", name_of(workflow, node), HOW[reasons.reused.get(node, "remembered")])
    for node, because in reasons.skipped.items():
        needed = name_of(workflow, because) if because else "another node"
        _print("[yellow]skipped[/] ", name_of(workflow, node), f"it needs {needed}")


def _print(what: str, node: str, why: str) -> None:
    RESULTS.print(f"  {what} {escape(node)}: {escape(why)}", soft_wrap=True)
