"""The warnings of one run: who said what, whose it is in the end, and when it is told.

What a node says that runs in the place of another one is that one's, for that one is what a person sees and what is
remembered. Of the nodes of a stream it is told as a whole: at once when it is new, and what was counted at the end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from graph.node_types.warnings import NO_WARNINGS, NodeWarning, NodeWarnings, WarningCollector
from graph.planning.tasks import CallTask
from graph.running import events


class WarningBook:
    """Gathers what the nodes of a run warn of. Safe from any thread."""

    def __init__(self, tell: Callable[..., None]) -> None:
        self._tell = tell
        self._lock = threading.RLock()
        self._gathered: dict[str, WarningCollector] = {}
        self._told: dict[str, NodeWarnings] = {}
        self._making = threading.local()

    def of_nodes(self) -> dict[str, NodeWarnings]:
        """What each node warned of, in this run or when its result was made."""
        with self._lock:
            return {node: gathered.taken() for node, gathered in self._gathered.items()}

    def say(self, cell: CallTask, message: str) -> None:
        """A node at work warns of something; what is said while an item of a stream is made is about that item."""
        making: CallTask | None = getattr(self._making, "cell", None)
        if making is not None and making.id == cell.id:
            cell = making
        with self._lock:
            extra = cell.more()
            if extra.warnings is None:
                extra.warnings = WarningCollector()
        if extra.warnings.add(message):
            self._take(cell, (cell.id,), NodeWarnings((NodeWarning(message),)))

    @contextmanager
    def while_making(self, cell: CallTask) -> Iterator[None]:
        """An item of a stream is being made in this thread."""
        self._making.cell = cell
        try:
            yield
        finally:
            self._making.cell = None

    def say_again(self, cell: CallTask, nodes: Iterable[str]) -> None:
        """The result of a cell is that of some nodes, too: what was warned of when it was made holds for these."""
        if cell.result is not None and cell.result.warned is not NO_WARNINGS:
            self._take(cell, nodes, cell.result.warned)

    def gather(self, node: str, warned: NodeWarnings, item: tuple[int, ...] = ()) -> None:
        """A node, or an item of a stream there, has these warnings."""
        with self._lock:
            gathered = self._gathered.setdefault(node, WarningCollector())
            gathered.add_all(warned, item)
            so_far = gathered.taken()
            if len(so_far.listed) != len(self._told.get(node, NO_WARNINGS).listed):
                self._tell_of(node, so_far)

    def settle(self) -> None:
        """The run is over: tell what was counted and not told yet."""
        for node, warned in self.of_nodes().items():
            self._tell_of(node, warned)

    def _take(self, cell: CallTask, nodes: Iterable[str], warned: NodeWarnings) -> None:
        owner = cell.frame.inside_of
        if owner is None:
            for node in nodes:
                self.gather(node, warned, cell.frame.path)
            return
        for each in warned.listed:
            self.say(owner, each.message)

    def _tell_of(self, node: str, warned: NodeWarnings) -> None:
        with self._lock:
            if warned != self._told.get(node):
                self._told[node] = warned
                self._tell(events.NodeWarned, node, warned.listed, warned.more)
