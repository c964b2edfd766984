"""What the rooms that work on a run's cells and streams may ask of the run."""

from __future__ import annotations

from typing import Any, Protocol

from graph.caching.cache import Cache
from graph.files.folders import Files
from graph.node_types.context import CancelToken, RunRecord
from graph.node_types.registry import Registry
from graph.planning.lookup import Memory
from graph.planning.plan import Demand, Planner, Source
from graph.planning.tasks import CallTask, Frame
from graph.results.result import Fingerprint, Key, Result
from graph.running.run_log import RunLog
from graph.scheduling.scheduler import Schedule


class Crew(Protocol):
    """A run, as seen by those who work for it."""

    account: RunLog
    cache: Cache
    files: Files
    memory: Memory
    planner: Planner
    previews: bool
    record: RunRecord
    registry: Registry
    schedule: Schedule
    any_unkeyed: bool
    """Whether there are cells whose results do not follow from their deep keys."""
    token: CancelToken
    top: Frame

    def begin(self, demand: Demand) -> None:
        """Start what is ready, and end what cannot run."""

    def done(self, task: Source) -> None:
        """A task at work has its result."""

    def stop(self, task: Source, because: str, depth: int | None = None) -> None:
        """A task at work has no result; what needs it is skipped, because of the node `because`."""

    def report(self, cell: CallTask, error: BaseException) -> None:
        """Tell that a node raised."""

    def lead(self, cell: CallTask, key: Key) -> bool:
        """Whether a cell is to do its work. If not, a call with this key is at it, and the cell goes on after it."""

    def land(self, cell: CallTask, result: Result | None) -> None:
        """A cell that led has its result, or will not have one of its own for now."""

    def values_of(self, cell: CallTask) -> tuple[Any, ...] | None:
        """The values of a cell, read back from the disk if need be; None when they are gone."""

    def fingerprint_of(self, value: Any) -> Fingerprint | None:
        """What identifies a value by content; None when nothing does."""
