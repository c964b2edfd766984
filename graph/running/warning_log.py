"""The warnings of one run: which node warned of what, whose warning it is in the end, and when it is published.

A warning of a node that runs in the place of another one is that one's, because that one is what a person sees and what
is cached. The warnings of the nodes of a stream are published as a whole: at once when one is new, and at the end what
was counted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from graph.node_types.warnings import NO_WARNINGS, NodeWarning, NodeWarnings, WarningCollector
from graph.planning.tasks import CallTask
from graph.running import events
from graph.running.publisher import Publisher


class WarningLog:
    """Gathers what the nodes of a run warn of. Safe from any thread."""

    def __init__(self, publisher: Publisher) -> None:
        self._publish = publisher.publish
        self._lock = threading.RLock()
        self._gathered: dict[str, WarningCollector] = {}
        self._reported: dict[str, NodeWarnings] = {}
        self._making = threading.local()

    def of_nodes(self) -> dict[str, NodeWarnings]:
        """What each node warned of, in this run or when its result was made."""
        with self._lock:
            return {node: gathered.taken() for node, gathered in self._gathered.items()}

    def warn(self, task: CallTask, message: str) -> None:
        """A node at work warns of something; what is said while an item of a stream is made is about that item."""
        making: CallTask | None = getattr(self._making, "task", None)
        if making is not None and making.id == task.id:
            task = making
        with self._lock:
            if task.warnings is None:
                task.warnings = WarningCollector()
        if task.warnings.add(message):
            self._take(task, (task.id,), NodeWarnings((NodeWarning(message),)))

    @contextmanager
    def while_making(self, task: CallTask) -> Iterator[None]:
        """An item of a stream is being made in this thread."""
        self._making.task = task
        try:
            yield
        finally:
            self._making.task = None

    def repeat(self, task: CallTask, nodes: Iterable[str]) -> None:
        """The result of a task is that of some nodes, too: what was warned of when it was made holds for these."""
        if task.result is not None and task.result.warned is not NO_WARNINGS:
            self._take(task, nodes, task.result.warned)

    def gather(self, node: str, warned: NodeWarnings, item: tuple[int, ...] = ()) -> None:
        """A node, or an item of a stream there, has these warnings."""
        with self._lock:
            gathered = self._gathered.setdefault(node, WarningCollector())
            gathered.add_all(warned, item)
            so_far = gathered.taken()
            if len(so_far.listed) != len(self._reported.get(node, NO_WARNINGS).listed):
                self._report(node, so_far)

    def settle(self) -> None:
        """The run is over: publish what was counted and not published yet."""
        for node, warned in self.of_nodes().items():
            self._report(node, warned)

    def _take(self, task: CallTask, nodes: Iterable[str], warned: NodeWarnings) -> None:
        owner = task.frame.inside_of
        if owner is None:
            for node in nodes:
                self.gather(node, warned, task.frame.path)
            return
        for each in warned.listed:
            self.warn(owner, each.message)

    def _report(self, node: str, warned: NodeWarnings) -> None:
        with self._lock:
            if warned != self._reported.get(node):
                self._reported[node] = warned
                self._publish(events.NodeWarned, node, warned.listed, warned.more)
