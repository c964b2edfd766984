"""What a run publishes while it goes on, and what can be said about it at its end.

Nodes that run once for each item of a stream are reported as a whole: started with the first item that runs, then how
many items got through, and finished at the end of the stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph.base.errors import Problem
from graph.caching.call_history import Reason
from graph.node_types import report_checks
from graph.node_types.context import Artifact
from graph.planning.tasks import CallTask
from graph.results.result import Key
from graph.running import events
from graph.running.publisher import Publisher
from graph.running.warning_log import WarningLog

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
    """Its end as a whole was reported."""
    beside_equal: bool = False
    """An equal node was called in its place."""


class RunLog:
    """The story of one run. Safe from any thread."""

    def __init__(self, publisher: Publisher) -> None:
        self.problems: list[Problem] = []
        self.seconds: dict[str, float] = {}
        self.reused: dict[str, None] = {}
        self.failed = False
        self.publish = publisher.publish
        self.warnings = WarningLog(publisher)
        self._ended: set[str] = set()
        """Nodes outside of streams of which the end was reported. What loses its values later is remade quietly."""
        self._artifacts: dict[str, list[Artifact]] = {}
        self._of_items: dict[str, list[tuple[tuple[int, ...], tuple[Artifact, ...]]]] = {}
        self._progress: dict[str, ItemProgress] = {}
        self._lock = publisher.lock

    @property
    def artifacts(self) -> dict[str, tuple[Artifact, ...]]:
        """What each node made or showed again; of a stream in the order of its items."""
        found = {node: tuple(made) for node, made in self._artifacts.items()}
        for node, items in self._of_items.items():
            in_order = sorted(items, key=lambda item: item[0])  # they are done in any order
            found[node] = tuple(artifact for _, made in in_order for artifact in made)
        return found

    def started(self, task: CallTask, reason: Reason | None) -> None:
        """A node is about to be called."""
        if task.frame.path or task.call.type.streams:
            with self._lock:
                progress = self._progress_of(task.id)
                progress.called += 1
                if progress.called > 1:
                    return
        elif task.id in self._ended:
            return
        self.publish(events.NodeStarted, task.id, reason)

    def was_called(self, node: str) -> bool:
        """Whether an item of a stream went through a call of a node already."""
        progress = self._progress.get(node)
        return progress is not None and progress.called > 0

    def progressed(self, task: CallTask, value: float, maximum: float, preview: bytes | None) -> None:
        """A node got further; in a stream, only its pictures are published."""
        if not task.frame.path:
            self.publish(events.NodeProgressed, task.id, value, maximum, preview)
        elif preview is not None:
            progress = self._progress_of(task.id)
            self.publish(events.NodeProgressed, task.id, progress.through, progress.total, preview)

    def finished(
        self, task: CallTask, seconds: float, artifacts: tuple[Artifact, ...], keys: Sequence[Key] = ()
    ) -> None:
        """A node returned; `keys` is what its result is remembered under."""
        shown = tuple([key.hex() for key in keys]) if artifacts and not task.call.type.outputs else ()
        if task.frame.path:
            self.warnings.repeat(task, task.also)
            self._item_through(task, seconds, artifacts, reused=False, keys=shown)
            return
        self.seconds[task.id] = seconds
        if artifacts:
            self._artifacts[task.id] = list(artifacts)
        if task.id in self._ended:
            return
        self._ended.add(task.id)
        self.publish(events.NodeFinished, task.id, seconds, artifacts, shown)
        if task.also:
            self.warnings.repeat(task, task.also)
            for node in task.also:
                self._reused(node, artifacts, "equal node")

    def reused_instead(self, task: CallTask, artifacts: tuple[Artifact, ...], how: str) -> None:
        """A node that was going to be called need not be."""
        self.warnings.repeat(task, (task.id, *task.also))
        if task.frame.path:
            self._item_through(task, 0.0, artifacts, reused=True)
            return
        for node in (task.id, *task.also):
            self._reused(node, artifacts, how)

    def remembered(self, task: CallTask) -> None:
        """A node's result is cached: reported when there is something to show."""
        artifacts = task.result.artifacts if task.result else ()
        self.warnings.repeat(task, (task.id, *task.also))
        if task.frame.path:
            self._item_through(task, 0.0, artifacts, reused=True)
            return
        for node in (task.id, *task.also):
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

    def failed_at(self, task: CallTask, problem: Problem, error: BaseException | None, keep_going: bool) -> None:
        """A node raised; with `keep_going` it did so for one item, and the others go on."""
        details = report_checks.traceback_of(error)
        with self._lock:
            if problem not in self.problems[-1:] and len(self.problems) < MOST_PROBLEMS:
                self.problems.append(problem)
            self.failed = self.failed or not keep_going
        if keep_going:
            self.publish(events.ItemFailed, task.id, task.frame.path, problem, details)
            return
        for node in self._ending(task):
            if node == task.id:
                self.publish(events.NodeFailed, node, problem, details)
            else:
                self.publish(events.NodeSkipped, node, task.id)

    def skipped(self, task: CallTask, because: str) -> None:
        """A node will not be called."""
        if not task.frame.path:
            for node in self._ending(task):
                self.publish(events.NodeSkipped, node, because)

    def cancelled(self, task: CallTask) -> None:
        """A node stopped because the run was cancelled."""
        for node in self._ending(task):
            self.publish(events.NodeCancelled, node)

    def _ending(self, task: CallTask) -> list[str]:
        """The nodes of a task whose end is to be reported now: of those that run once for each item, only once."""
        nodes = [task.id, *task.also]
        if not task.frame.path and not task.call.type.streams:
            return nodes
        with self._lock:
            open_ones = [node for node in nodes if not self._progress_of(node).ended]
            for node in open_ones:
                self._progress_of(node).ended = True
            return open_ones

    def expect_items(self, nodes: Iterable[str], total: int) -> None:
        """How many items a stream is going to have, or has had so far."""
        for node in nodes:
            self._progress_of(node).total = total

    def stream_ended(self, nodes: Iterable[str], because: str) -> None:
        """No more items come to some nodes; `because` names the node that broke the stream, or had no items for it."""
        for node in nodes:
            progress = self._progress_of(node)
            with self._lock:
                was_reported, progress.ended = progress.ended, True
            if progress.called:
                self.seconds[node] = progress.seconds
            if was_reported:
                continue
            if progress.called:
                self.publish(events.NodeFinished, node, progress.seconds, ())
            elif progress.through:
                self._reused(node, (), "equal node" if progress.beside_equal else "remembered")
            else:
                self.publish(events.NodeSkipped, node, because)

    def _reused(self, node: str, artifacts: tuple[Artifact, ...], how: str) -> None:
        if node in self._ended:
            return
        self._ended.add(node)
        self.reused[node] = None
        if artifacts:
            self._artifacts[node] = list(artifacts)
        self.publish(events.NodeReused, node, artifacts, how)

    def _item_through(
        self,
        task: CallTask,
        seconds: float,
        artifacts: tuple[Artifact, ...],
        *,
        reused: bool,
        keys: tuple[str, ...] = (),
    ) -> None:
        with self._lock:
            for node in (task.id, *task.also):
                progress = self._progress_of(node)
                progress.through += 1
                is_equal = node != task.id
                if is_equal:
                    progress.beside_equal = progress.beside_equal or not reused
                else:
                    progress.seconds += seconds
                if artifacts:
                    self._of_items.setdefault(node, []).append((task.frame.path, artifacts))
                    facts = (0.0, artifacts, True, ()) if is_equal else (seconds, artifacts, reused, keys)
                    self.publish(events.ItemFinished, node, task.frame.path, *facts)
                total = max(progress.total, 1)  # a stream that is gone through twice has as many items as before
                self.publish(events.NodeProgressed, node, min(progress.through, total), total, None)

    def _progress_of(self, node: str) -> ItemProgress:
        with self._lock:
            return self._progress.setdefault(node, ItemProgress())
