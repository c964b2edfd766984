"""What a run tells while it goes on, and what can be said about it at its end.

Events come one at a time, numbered from 1. A listener that raises ends the run with its error. Nodes that run once for
each item of a stream are told about as a whole: started with the first item that runs, then how many items got through,
and finished at the end of the stream.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from graph.base.errors import Problem
from graph.caching.call_history import Reason
from graph.node_types import report_checks
from graph.node_types.context import Artifact
from graph.planning.tasks import CallTask
from graph.results.result import Key
from graph.running import events
from graph.running.warning_log import WarningBook

Listener = Callable[[events.Event], None]
MOST_PROBLEMS = 1000
"""Failed items beyond these are counted and not listed."""


@dataclass(slots=True)
class ItemProgress:
    """How far the items of a stream are with one node."""

    called: int = 0
    through: int = 0
    seconds: float = 0.0
    total: int = 0
    ended: bool = False
    """Its end as a whole was told."""
    beside_equal: bool = False
    """An equal node was called in its place."""


class RunLog:
    """The story of one run. Safe from any thread."""

    def __init__(self, run_id: str, listener: Listener | None, abort: Callable[[BaseException], None]) -> None:
        self.problems: list[Problem] = []
        self.seconds: dict[str, float] = {}
        self.reused: dict[str, None] = {}
        self._ended: set[str] = set()
        """Nodes outside of streams of which the end was told. What loses its values later is made again quietly."""
        self.failed = False
        self._artifacts: dict[str, list[Artifact]] = {}
        self._of_items: dict[str, list[tuple[tuple[int, ...], tuple[Artifact, ...]]]] = {}
        self._tallies: dict[str, ItemProgress] = {}
        self.warnings = WarningBook(self.tell)
        self._run_id = run_id
        self._listener = listener
        self._abort = abort
        self._number = 0
        self._lock = threading.RLock()

    @property
    def artifacts(self) -> dict[str, tuple[Artifact, ...]]:
        """What each node made or showed again; of a stream in the order of its items."""
        found = {node: tuple(made) for node, made in self._artifacts.items()}
        for node, items in self._of_items.items():
            in_order = sorted(items, key=lambda item: item[0])  # they are done in any order
            found[node] = tuple(artifact for _, made in in_order for artifact in made)
        return found

    def tell(self, kind: Callable[..., events.Event], *facts: object) -> None:
        """Tell the listener something."""
        with self._lock:
            listener = self._listener
            if listener is None:
                return
            self._number += 1
            try:
                listener(kind(self._run_id, self._number, *facts))
            except BaseException as error:  # noqa: BLE001 - it is the caller's, and no fault of the node at work
                self._listener = None
                self._abort(error)

    def close(self) -> None:
        """The story is told: whatever a node says from now on, through a thread that it left behind, is not heard."""
        with self._lock:
            self._listener = None

    def started(self, cell: CallTask, reason: Reason | None) -> None:
        """A node is about to be called."""
        if cell.frame.path or cell.call.type.streams:
            with self._lock:
                tally = self._tally(cell.id)
                tally.called += 1
                if tally.called > 1:
                    return
        elif cell.id in self._ended:
            return
        self.tell(events.NodeStarted, cell.id, reason)

    def was_called(self, node: str) -> bool:
        """Whether an item of a stream went through a call of a node already."""
        tally = self._tallies.get(node)
        return tally is not None and tally.called > 0

    def progressed(self, cell: CallTask, value: float, maximum: float, preview: bytes | None) -> None:
        """A node got further; in a stream, only its pictures are told."""
        if not cell.frame.path:
            self.tell(events.NodeProgressed, cell.id, value, maximum, preview)
        elif preview is not None:
            tally = self._tally(cell.id)
            self.tell(events.NodeProgressed, cell.id, tally.through, tally.total, preview)

    def finished(
        self, cell: CallTask, seconds: float, artifacts: tuple[Artifact, ...], keys: Sequence[Key] = ()
    ) -> None:
        """A node returned; `keys` is what its result is remembered under."""
        told = tuple([key.hex() for key in keys]) if artifacts and not cell.call.type.outputs else ()
        if cell.frame.path:
            self.warnings.say_again(cell, cell.also)
            self._item_through(cell, seconds, artifacts, reused=False, keys=told)
            return
        self.seconds[cell.id] = seconds
        if artifacts:
            self._artifacts[cell.id] = list(artifacts)
        if cell.id in self._ended:
            return
        self._ended.add(cell.id)
        self.tell(events.NodeFinished, cell.id, seconds, artifacts, told)
        self.warnings.say_again(cell, cell.also)
        for node in cell.also:
            self._reused(node, artifacts, "equal node")

    def reused_instead(self, cell: CallTask, artifacts: tuple[Artifact, ...], how: str) -> None:
        """A node that was going to be called need not be."""
        self.warnings.say_again(cell, (cell.id, *cell.also))
        if cell.frame.path:
            self._item_through(cell, 0.0, artifacts, reused=True)
            return
        for node in (cell.id, *cell.also):
            self._reused(node, artifacts, how)

    def remembered(self, cell: CallTask) -> None:
        """A node's result is remembered: told when there is something to show."""
        artifacts = cell.result.artifacts if cell.result else ()
        self.warnings.say_again(cell, (cell.id, *cell.also))
        if cell.frame.path:
            self._item_through(cell, 0.0, artifacts, reused=True)
            return
        for node in (cell.id, *cell.also):
            if artifacts:
                self._reused(node, artifacts, "remembered")

    def hand_over(self, nodes: Iterable[str], path: tuple[int, ...]) -> list[Artifact]:
        """What nodes that ran in the place of another one showed, inside of an item: from now on it is that one's."""
        depth = len(path)
        taken: dict[Artifact, None] = {}
        with self._lock:
            for node in nodes:
                taken.update(dict.fromkeys(self._artifacts.pop(node, ())))
                items = self._of_items.pop(node, ())
                for at, made in sorted(items, key=lambda item: item[0]):
                    if at[:depth] == path:
                        taken.update(dict.fromkeys(made))
                others = [item for item in items if item[0][:depth] != path]
                if others:
                    self._of_items[node] = others
        return [*taken]

    def failed_at(self, cell: CallTask, problem: Problem, error: BaseException | None, keep_going: bool) -> None:
        """A node raised; with `keep_going` it did so for one item, and the others go on."""
        details = report_checks.traceback_of(error)
        with self._lock:
            if problem not in self.problems[-1:] and len(self.problems) < MOST_PROBLEMS:
                self.problems.append(problem)
            self.failed = self.failed or not keep_going
        if keep_going:
            self.tell(events.ItemFailed, cell.id, cell.frame.path, problem, details)
            return
        for node in self._ending(cell):
            if node == cell.id:
                self.tell(events.NodeFailed, node, problem, details)
            else:
                self.tell(events.NodeSkipped, node, cell.id)

    def skipped(self, cell: CallTask, because: str) -> None:
        """A node will not be called."""
        if not cell.frame.path:
            for node in self._ending(cell):
                self.tell(events.NodeSkipped, node, because)

    def cancelled(self, cell: CallTask) -> None:
        """A node stopped because the run was cancelled."""
        for node in self._ending(cell):
            self.tell(events.NodeCancelled, node)

    def _ending(self, cell: CallTask) -> list[str]:
        """The nodes of a cell whose end is to be told now: of those that run once for each item, only once."""
        nodes = [cell.id, *cell.also]
        if not cell.frame.path and not cell.call.type.streams:
            return nodes
        with self._lock:
            open_ones = [node for node in nodes if not self._tally(node).ended]
            for node in open_ones:
                self._tally(node).ended = True
            return open_ones

    def expect_items(self, nodes: Iterable[str], total: int) -> None:
        """How many items a stream is going to have, or has had so far."""
        for node in nodes:
            self._tally(node).total = total

    def stream_ended(self, nodes: Iterable[str], because: str) -> None:
        """No more items come to some nodes; `because` names the node that broke the stream, or had no items for it."""
        for node in nodes:
            tally = self._tally(node)
            with self._lock:
                was_told, tally.ended = tally.ended, True
            if tally.called:
                self.seconds[node] = tally.seconds
            if was_told:
                continue
            if tally.called:
                self.tell(events.NodeFinished, node, tally.seconds, ())
            elif tally.through:
                self._reused(node, (), "equal node" if tally.beside_equal else "remembered")
            else:
                self.tell(events.NodeSkipped, node, because)

    def _reused(self, node: str, artifacts: tuple[Artifact, ...], how: str) -> None:
        if node in self._ended:
            return
        self._ended.add(node)
        self.reused[node] = None
        if artifacts:
            self._artifacts[node] = list(artifacts)
        self.tell(events.NodeReused, node, artifacts, how)

    def _item_through(
        self,
        cell: CallTask,
        seconds: float,
        artifacts: tuple[Artifact, ...],
        *,
        reused: bool,
        keys: tuple[str, ...] = (),
    ) -> None:
        with self._lock:
            for node in (cell.id, *cell.also):
                tally = self._tally(node)
                tally.through += 1
                is_equal = node != cell.id
                if is_equal:
                    tally.beside_equal = tally.beside_equal or not reused
                else:
                    tally.seconds += seconds
                if artifacts:
                    self._of_items.setdefault(node, []).append((cell.frame.path, artifacts))
                    facts = (0.0, artifacts, True, ()) if is_equal else (seconds, artifacts, reused, keys)
                    self.tell(events.ItemFinished, node, cell.frame.path, *facts)
                total = max(tally.total, 1)  # a stream that is gone through twice has as many items as before
                self.tell(events.NodeProgressed, node, min(tally.through, total), total, None)

    def _tally(self, node: str) -> ItemProgress:
        with self._lock:
            return self._tallies.setdefault(node, ItemProgress())
