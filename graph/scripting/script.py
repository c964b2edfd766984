"""A workflow of a script: built node by node, run in this process, and saved as the file that the editor opens."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from graph.building.seeds import advance_seeds
from graph.building.validation import validate
from graph.document.workflow import Workflow
from graph.document.writer import dump, to_json
from graph.engine import Outcome
from graph.files.folders import write_atomically
from graph.node_types.context import CancelledError, CancelToken
from graph.running.events import Event, ItemFailed, NodeFailed
from graph.running.publisher import Listener
from graph.scripting.builder import WorkflowBuilder
from graph.scripting.errors import RunFailedError
from graph.scripting.handles import NodeHandle
from graph.scripting.interrupts import cancel_on_interrupt
from graph.scripting.layout import with_positions
from graph.scripting.session import Session
from graph.scripting.targets import Target, node_ids, value_of
from graph.scripting.written_values import check_savable


class ScriptWorkflow(WorkflowBuilder):
    """A workflow with a session to run it."""

    def __init__(self, session: Session, workflow: Workflow | None = None) -> None:
        super().__init__(session, workflow)
        self.outcome: Outcome | None = None
        """What came of the last run: which nodes ran or were reused, seconds, files, warnings. Its `values` are those
        of the cache, so copy them before you change them."""
        self._token: CancelToken | None = None

    def run(
        self, *targets: Target, progress: bool | None = None, on_event: Listener | None = None, previews: bool = False
    ) -> Any:
        """Run what some outputs or nodes need, and return copies of their values: one alone, several as a tuple.

        Without targets, run all nodes that save or show something, and return the `Outcome`. Results are remembered as
        in every run. `progress` None shows a bar on a terminal; `on_event` gets every event of the run, from its
        threads, with the pictures of steps if `previews`. Ctrl+C, or `cancel()`, ends the run at its next step. Raises
        `WorkflowError` for what cannot run, `RunFailedError` for what failed, `KeyboardInterrupt`, `CancelledError`.
        """
        wanted = self._wanted(targets)
        document, token = self.document, CancelToken()
        validate(document, self.session.registry, self.session.files, wanted)
        self._token = token
        traces: list[str] = []

        def listener(event: Event) -> None:
            if isinstance(event, NodeFailed | ItemFailed) and event.traceback:
                traces.append(f"{event.problem.node}: {event.traceback}")
            for each in (view, on_event):
                if each is not None:
                    each(event)

        with ExitStack() as stack:
            view = stack.enter_context(self.session.progress(document, progress))
            interrupted = stack.enter_context(cancel_on_interrupt(token))
            outcome = self.session.engine.run(document, wanted, listener=listener, token=token, previews=previews)
        self.outcome = outcome
        if interrupted.is_set():
            raise KeyboardInterrupt
        if outcome.status == "cancelled":
            raise CancelledError("the run was cancelled")
        if outcome.status != "finished":
            error = RunFailedError(list(outcome.problems), outcome)
            for trace in traces:
                error.add_note(trace)
            raise error
        values = tuple(self.session.own_copy(value_of(target, outcome, self.session.files)) for target in targets)
        return outcome if not targets else values[0] if len(targets) == 1 else values

    def cancel(self) -> None:
        """End the run that goes on in another thread, at its next step."""
        if self._token is not None:
            self._token.cancel()

    def check(self, *targets: Target) -> None:
        """Raise `WorkflowError` with everything that keeps some targets, or the whole workflow, from running."""
        wanted = self._wanted(targets)
        validate(self.document, self.session.registry, self.session.files, wanted)

    def advance_seeds(self) -> None:
        """Change every seed as its control says (randomize, increment, ...), as the editor does before a run."""
        advanced = advance_seeds(self.document, self.session.registry)
        self._workflow, self._nodes = advanced, dict(advanced.nodes)

    @property
    def arranged(self) -> Workflow:
        """The document with a position for every node. Raises `WorkflowError` where a file cannot hold a value that
        was given from Python."""
        check_savable(self.document)
        return replace(self.document, nodes=with_positions(self._nodes, self.type_of))

    def to_json(self) -> dict[str, Any]:
        """Return the content of the file. Raises `WorkflowError` as `save` does."""
        return to_json(self.arranged)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the file that the editor and the command line open, whole or not at all; returns its path.

        Nodes without a position get one. Raises `WorkflowError` where a file cannot hold a value, `OSError`.
        """
        write_atomically(Path(path), dump(self.arranged).encode(), overwrite=True)
        return Path(path)

    def _wanted(self, targets: tuple[Target, ...]) -> list[str] | None:
        wanted = node_ids(targets) if targets else None
        for target in targets:
            node = target if isinstance(target, NodeHandle) else target.node
            if node.owner is not self:
                raise ValueError(f"{target!r} is of another workflow")
        return wanted
