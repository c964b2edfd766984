"""The threads that do the work of all runs: lanes, each with a number of threads, and an event loop for coroutines.

The device lane has one thread. A thread that finished a task takes the next one of its lane itself, so a chain of ten
thousand small tasks stays on one thread and costs no hand-over. Where tasks of two runs are ready, those of the run
that began earlier go first, and a lane for which the earlier run has nothing works for the later one.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from enum import IntEnum
from typing import Any

from graph.node_types.node_type import Lane


class State(IntEnum):
    """Where a task is. Everything from DONE on is the end, unless the task is taken up again."""

    NEW = 0
    IDLE = 1
    """Known, but nobody needs it so far."""
    WAITING = 2
    READY = 3
    ACTIVE = 4
    DONE = 5
    STOPPED = 6
    """It failed, was cancelled, or cannot run because something that it needs stopped."""


class Task:
    """Something to do on a lane, after the tasks that it waits for."""

    __slots__ = ("followers", "lane", "news", "readers", "state", "waiting")

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.state = State.NEW
        self.waiting = 0
        self.news: Any = None
        """What happened outside of the run that a task which was put aside goes on with."""
        self.readers: list[Task] = []
        """Tasks that wait for this one; one that waits for two outputs of it is in here twice."""
        self.followers: list[Task] | None = None
        """Tasks that wait only for their turn: they go on whatever end this one has."""


Perform = Callable[[Any], None]
"""Does a task; must not raise."""


Ended = Callable[["asyncio.Task[Any]"], None]


class Lanes:
    """The threads that all runs of an engine share. Close it, or use it as a context manager."""

    def __init__(self, cpu: int | None = None, io: int = 4, device: int = 1) -> None:
        self.width: Mapping[Lane, int] = {"cpu": cpu or max(8, os.cpu_count() or 1), "io": io, "device": device}
        self._lock = threading.Lock()
        self._queues: list[RunQueue] = []
        self._lanes = {lane: _Lane(self._lock) for lane in self.width}
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread: threading.Thread | None = None

    def open(self, perform: Perform) -> RunQueue:
        """A queue of ready tasks for one run; runs that opened theirs earlier are served first."""
        queue = RunQueue(self, perform)
        with self._lock:
            if self._closing:
                raise RuntimeError("the engine is closed")
            self._queues.append(queue)
        return queue

    def start_async(self, work: Coroutine[Any, Any, Any], then: Ended) -> Callable[[], None]:
        """Run a coroutine on the event loop and call `then` at its end. Returns a function that cancels it."""
        with self._lock:
            loop = self._loop = self._loop or self._start_loop()
        task: list[asyncio.Task[Any]] = []

        def begin() -> None:
            task.append(loop.create_task(work))
            task[0].add_done_callback(then)

        loop.call_soon_threadsafe(begin)
        return lambda: _call_soon(loop, lambda: task[0].cancel())

    def close(self) -> None:
        """Let running work end and stop the threads. What is ready still gets done."""
        with self._lock:
            self._closing = True
            for lane in self._lanes.values():
                lane.wake.notify_all()
            loop = self._loop
        for lane in self._lanes.values():
            for thread in lane.threads:
                thread.join()
        if loop is not None and self._loop_thread is not None:
            _call_soon(loop, loop.stop)
            self._loop_thread.join()

    def __enter__(self) -> Lanes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def push(self, queue: RunQueue, tasks: Sequence[Task]) -> None:
        """Tasks of a run are ready: they go before those that were."""
        own = getattr(_OWN, "lane", None)
        with self._lock:
            for task in reversed(tasks):
                queue.ready[task.lane].appendleft(task)
                lane = self._lanes[task.lane]
                lane.ready += 1
                if lane is not own or lane.ready > 1:  # else the present thread takes it next
                    self._staff(task.lane, spare=1 if own is lane else 0)

    def _staff(self, name: Lane, spare: int) -> None:
        """See that enough threads look at a lane, of which `spare` will do so anyway. Called with the lock held."""
        lane = self._lanes[name]
        wanted = lane.ready - spare
        if wanted > 0 and lane.idle:
            lane.wake.notify(wanted)
        while lane.idle + spare < lane.ready and len(lane.threads) < self.width[name]:
            label = f"jacquard-{name}_{len(lane.threads)}"
            thread = threading.Thread(target=self._work, args=(lane, name), name=label, daemon=True)
            lane.threads.append(thread)
            spare += 1
            thread.start()

    def _work(self, lane: _Lane, name: Lane) -> None:
        """One thread's life on a lane."""
        _OWN.lane = lane
        queue: RunQueue | None = None
        while (found := self._take(lane, name, queue)) is not None:
            queue, task = found
            queue.perform(task)
            del found, task  # a thread without work must not keep a run's values alive

    def _take(self, lane: _Lane, name: Lane, last: RunQueue | None) -> tuple[RunQueue, Task] | None:
        """The next task of a lane, and its run; `last` is the run that the thread has worked for until now."""
        with self._lock:
            if last is not None:
                last.busy -= 1
                if last.busy == 0 and last.left is not None:
                    last.left.set()
                last = None
            while True:
                for queue in self._queues:
                    if queue.ready[name]:
                        lane.ready -= 1
                        queue.busy += 1
                        return queue, queue.ready[name].popleft()
                if self._closing:
                    return None
                lane.idle += 1
                lane.wake.wait()
                lane.idle -= 1

    def drop(self, queue: RunQueue) -> int:
        """Forget what is ready; returns how much it was."""
        with self._lock:
            dropped = 0
            for name, ready in queue.ready.items():
                self._lanes[name].ready -= len(ready)
                dropped += len(ready)
                ready.clear()
            return dropped

    def close_queue(self, queue: RunQueue, *, wait: bool) -> None:
        """A run is over; with `wait`, return once no thread is inside of it any more and holds on to its values."""
        left = threading.Event()
        with self._lock:
            self._queues.remove(queue)
            queue.perform = _nothing  # so that the run and its queue do not know each other any more
            queue.left = left
            if queue.busy == 0:
                left.set()
        if wait:
            left.wait()

    def _start_loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()

        def live() -> None:
            asyncio.set_event_loop(loop)
            try:
                loop.run_forever()
            finally:
                loop.close()

        self._loop_thread = threading.Thread(target=live, name="jacquard-async", daemon=True)
        self._loop_thread.start()
        return loop


_OWN = threading.local()
"""The lane that the present thread works on, if any."""


class _Lane:
    __slots__ = ("idle", "ready", "threads", "wake")

    def __init__(self, lock: threading.Lock) -> None:
        self.wake = threading.Condition(lock)
        self.threads: list[threading.Thread] = []
        self.idle = 0
        self.ready = 0


class RunQueue:
    """The ready tasks of one run."""

    __slots__ = ("busy", "lanes", "left", "perform", "ready")

    def __init__(self, lanes: Lanes, perform: Perform) -> None:
        self.lanes = lanes
        self.perform = perform
        self.busy = 0
        """How many threads are inside of `perform`."""
        self.left: threading.Event | None = None
        """Set when the last thread has left a queue that was closed."""
        self.ready: dict[Lane, deque[Task]] = {lane: deque() for lane in lanes.width}


def _call_soon(loop: asyncio.AbstractEventLoop, call: Callable[[], object]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(call)


def _nothing(task: Task) -> None:
    """A run that is over performs nothing."""
