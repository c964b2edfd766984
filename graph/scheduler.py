"""When each task runs, and on which lane. Knows tasks and what they wait for; knows no node, no value and no cache.

Order: a task is ready when all that it waits for has finished. Ready tasks run depth first - what a finished task made
ready goes to the front - so that a branch is carried to its end, and its values released, before the next begins.
Lanes: each has a number of threads; the device lane has one. A thread that finishes a task goes on with the next one of
its lane itself, so a chain of ten thousand small tasks stays on one thread and costs no hand-over.
Failure: what waits, directly or not, for a task that did not finish is skipped; everything else goes on.
Cancelling: nothing more is started once the token says so; running tasks are left to notice by themselves.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from graph.context import CancelToken
from graph.node_types import Lane


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do on a lane, after other tasks."""

    id: str
    lane: Lane
    after: Collection[str] = ()


Perform = Callable[[str], bool]
"""Does a task and returns whether it finished; must not raise."""
Skip = Callable[[str, str], None]
"""Told that a task (first) will not run because another (second) did not finish."""


class Lanes:
    """The threads that all runs of an engine share. Close it, or use it as a context manager."""

    def __init__(self, cpu: int | None = None, io: int = 4, device: int = 1) -> None:
        self.width: Mapping[Lane, int] = {"cpu": cpu or os.cpu_count() or 1, "io": io, "device": device}
        self._pools = {
            lane: ThreadPoolExecutor(width, thread_name_prefix=f"jacquard-{lane}") for lane, width in self.width.items()
        }

    def start(self, lane: Lane, work: Callable[[], None]) -> None:
        """Have a thread of the lane do some work as soon as one is free."""
        self._pools[lane].submit(work)

    def close(self) -> None:
        """Let running work end and stop the threads. What was started and waits for a thread still gets one."""
        for pool in self._pools.values():
            pool.shutdown(wait=True)


def run_tasks(tasks: Collection[Task], lanes: Lanes, perform: Perform, skip: Skip, token: CancelToken) -> None:
    """Run tasks to the end; returns when none is running or ready any more."""
    if tasks:
        _Schedule(tasks, lanes, perform, skip, token).run()


class _Schedule:
    """The state of one run's tasks: waiting counts, ready queues and working threads, all under one lock."""

    def __init__(self, tasks: Collection[Task], lanes: Lanes, perform: Perform, skip: Skip, token: CancelToken) -> None:
        self.lanes = lanes
        self.perform = perform
        self.skip = skip
        self.token = token
        self.lock = threading.Lock()
        self.done = threading.Event()
        self.failure: BaseException | None = None
        self.lane_of: dict[str, Lane] = {task.id: task.lane for task in tasks}
        self.waiting: dict[str, int] = {}
        self.readers: dict[str, list[str]] = {task.id: [] for task in tasks}
        self.ready: dict[Lane, deque[str]] = {lane: deque() for lane in lanes.width}
        self.working: dict[Lane, int] = dict.fromkeys(lanes.width, 0)
        for task in tasks:
            self.waiting[task.id] = len(task.after)
            for source in task.after:
                self.readers[source].append(task.id)
            if not task.after:
                self.ready[task.lane].append(task.id)

    def run(self) -> None:
        try:
            with self.lock:
                for lane in self.ready:
                    self._staff(lane)
            while not self.done.wait(timeout=0.5):
                pass  # a bounded wait, because an unbounded one cannot be interrupted by Ctrl+C on Windows
        except BaseException as error:
            self.failure = error  # so that no thread starts anything more
            raise
        if self.failure is not None:
            raise self.failure

    def _staff(self, lane: Lane, free: int = 0) -> None:
        """Call threads to a lane for its ready tasks, of which `free` threads will take one each. Holds the lock."""
        wanted = min(self.lanes.width[lane], len(self.ready[lane]) + self.working[lane] - free)
        while self.working[lane] < wanted:
            self.lanes.start(lane, lambda: self._work(lane))
            self.working[lane] += 1

    def _work(self, lane: Lane) -> None:
        """One thread's life on a lane: do ready tasks until there is none."""
        try:
            while (task := self._next(lane)) is not None:
                finished = self.perform(task)
                skipped = self._settle(task, finished, lane)
                for other in skipped:
                    self.skip(other, task)
        except BaseException as error:  # noqa: BLE001 - reported by `run`; a dead thread must not leave it waiting
            self.failure = error
            with self.lock:
                self._leave(lane)

    def _next(self, lane: Lane) -> str | None:
        with self.lock:
            if self.ready[lane] and not self.token.cancelled and self.failure is None:
                return self.ready[lane].popleft()
            self._leave(lane)
            return None

    def _leave(self, lane: Lane) -> None:
        """A thread leaves a lane; the last one ends the run. Holds the lock."""
        self.working[lane] -= 1
        if not any(self.working.values()):
            self.done.set()

    def _settle(self, task: str, finished: bool, own: Lane) -> list[str]:
        """Take note that a task ended; returns the tasks that will now never run."""
        with self.lock:
            if not finished:
                return self._below(task)
            freed: set[Lane] = set()
            for reader in reversed(self.readers.pop(task)):
                if reader not in self.waiting:
                    continue
                self.waiting[reader] -= 1
                if self.waiting[reader] == 0:
                    lane = self.lane_of[reader]
                    self.ready[lane].appendleft(reader)
                    freed.add(lane)
            for lane in freed:
                self._staff(lane, free=1 if lane == own else 0)
            return []

    def _below(self, task: str) -> list[str]:
        """Everything that waits for `task`, taken out of the schedule."""
        found: list[str] = []
        pending = list(self.readers.get(task, ()))
        while pending:
            reader = pending.pop()
            if self.waiting.pop(reader, None) is not None:
                found.append(reader)
                pending += self.readers[reader]
        return found
