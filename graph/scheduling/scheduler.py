"""When each task of a run is done. Knows tasks and what they wait for; knows no node, no value and no cache.

Order: a task is ready when all that it waits for is done. Ready tasks run depth first - what a finished task made ready
goes to the front - so that a branch is carried to its end, and its values released, before the next begins.
Growth: a task may wait for more while it is at work, be put aside until something outside the run has happened, and
new tasks may be added at any time.
Turns: a task may wait for the end of others, whatever end that is.
Failure: what waits, directly or not, for a task that stopped is skipped; everything else goes on.
Cancelling: nothing more is started once the token says so; tasks at work are left to notice by themselves.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from graph.base.gc_pacing import YOUNG_SECONDS, Clock
from graph.node_types.context import CancelToken
from graph.scheduling.lanes import Ended, Lanes, Perform, State, Task


class Schedule:
    """The tasks of one run. Its `lock` guards the states of all of them; it may be taken again by who holds it."""

    def __init__(self, lanes: Lanes, perform: Perform, token: CancelToken) -> None:
        self.lock = threading.RLock()
        self.failure: BaseException | None = None
        self._token = token
        self._perform = perform
        self._lanes = lanes
        self._queue = lanes.open(self._guarded)
        self._active = 1  # `run` itself, until it has started everything
        self._bell: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        """Rung when `run` should look, or with a task that goes on. Needs no lock, so anybody may ring it."""
        self._cancels: dict[Task, Callable[[], None]] = {}

    def start(self, tasks: Sequence[Task]) -> None:
        """Tasks that wait for nothing are ready."""
        with self.lock:
            for task in tasks:
                task.state = State.READY
            self._active += len(tasks)
        self._push(tasks)

    def run(self) -> None:
        """Return when no task is at work or ready any more; raise what `abort` was given."""
        unsubscribe = self._token.on_cancel(lambda: self._bell.put(None))
        try:
            with self.lock:
                self._leave(1)
            self._watch()
        except BaseException as error:
            self.abort(error)
            raise
        finally:
            unsubscribe()
            self._lanes.close_queue(self._queue)
        if self.failure is not None:
            raise self.failure

    def _watch(self) -> None:
        clock = Clock()
        while True:
            try:
                task = self._bell.get(timeout=YOUNG_SECONDS)  # an unbounded wait knows no Ctrl+C on Windows
            except queue.Empty:
                clock.tick()
                continue
            if task is not None and self.take_back(task):
                task.state = State.READY
                self._push([task])
            if self.ending:
                self._cancel()
            if self._active == 0:
                return

    def finish(self, task: Task) -> None:
        """A task is done: what waited for nothing else is ready."""
        ready: list[Task] = []
        with self.lock:
            task.state = State.DONE
            readers, task.readers = task.readers, []
            for reader in readers:
                reader.waiting -= 1
                if reader.waiting == 0 and reader.state is State.WAITING:
                    reader.state = State.READY
                    ready.append(reader)
            ready += _whose_turn_comes(task)
            self._active += len(ready)
            self._leave(1)
        self._push(ready)

    def stop(self, task: Task) -> list[Task]:
        """A task ended without a result; returns the tasks that will now never run."""
        with self.lock:
            task.state = State.STOPPED
            skipped: list[Task] = []
            ready: list[Task] = []
            pending = [task]
            while pending:
                stopped = pending.pop()
                ready += _whose_turn_comes(stopped)
                readers, stopped.readers = stopped.readers, []
                for reader in readers:
                    if reader.state is State.WAITING:
                        reader.state = State.STOPPED
                        skipped.append(reader)
                        pending.append(reader)
            self._active += len(ready)
        self._push(ready)
        return skipped

    def leave(self) -> None:
        """The last word about a task at work that was stopped."""
        with self.lock:
            self._leave(1)

    def wait(self, task: Task, sources: Iterable[Task]) -> bool:
        """A task at work waits for more; it is done again when they are done. False when one of them has stopped."""
        with self.lock:
            task.state = State.WAITING
            if not attach(task, sources):
                return False
            if task.waiting:
                self._leave(1)
                return True
            task.state = State.READY
        self._push([task])
        return True

    def wait_turn(self, task: Task, other: Task) -> None:
        """A task at work waits until another one, which is under way, has ended in whatever way."""
        with self.lock:
            task.state = State.WAITING
            other.followers = [*(other.followers or ()), task]
            task.waiting += 1
            self._leave(1)

    def resume(self, task: Task) -> None:
        """A task that waited for nothing in the schedule goes on."""
        with self.lock:
            task.state = State.READY
            self._active += 1
        self._push([task])

    def put_aside(self, task: Task) -> None:
        """A task at work leaves its thread until `again` is called for it, or the run is cancelled."""
        with self.lock:
            self._cancels[task] = lambda: self._give_up(task)

    def again(self, task: Task) -> None:
        """A task that was put aside goes on. Takes no lock, because those of another run may be held."""
        self._bell.put(task)

    def take_back(self, task: Task) -> bool:
        """Whether a task that was put aside still is; it counts as at work again. False once its run was cancelled."""
        with self.lock:
            return self._cancels.pop(task, None) is not None

    def start_async(self, task: Task, work: Coroutine[Any, Any, Any], then: Ended) -> None:
        """Put a task aside while the event loop works on a coroutine; cancelling the run cancels it."""
        with self.lock:
            self._cancels[task] = self._lanes.start_async(work, then)
        if self.ending:
            self._cancel()

    def abort(self, error: BaseException) -> None:
        """A fault that is no node's: nothing more is started, and `run` raises it.

        Takes no lock, because it is called while others are held.
        """
        self.failure = self.failure or error
        self._bell.put(None)

    @property
    def ending(self) -> bool:
        """Whether nothing more is to be started."""
        return self._token.cancelled or self.failure is not None

    def _guarded(self, task: Task) -> None:
        if self.ending:
            self.leave()
            return
        task.state = State.ACTIVE
        try:
            self._perform(task)
        except BaseException as error:  # noqa: BLE001 - reported by `run`; a dead thread must not leave it waiting
            self.abort(error)
            self.leave()

    def _push(self, tasks: Sequence[Task]) -> None:
        if not tasks:
            return
        self._lanes.push(self._queue, tasks)
        if self.ending:
            self._cancel()

    def _give_up(self, task: Task) -> None:
        """A run that is cancelled does not wait for what happens outside of it."""
        with self.lock:
            if self._cancels.pop(task, None) is not None:
                task.state = State.STOPPED
                self._leave(1)

    def _cancel(self) -> None:
        with self.lock:
            self._leave(self._lanes.drop(self._queue))
            cancels = list(self._cancels.values())
        for cancel in cancels:
            cancel()

    def _leave(self, count: int) -> None:
        """Some tasks are neither ready nor at work any more; with the last one the run is over. Holds the lock."""
        self._active -= count
        if self._active == 0:
            self._bell.put(None)


def _whose_turn_comes(ended: Task) -> list[Task]:
    """Those for which nothing is ahead any more. Holds the lock."""
    followers, ended.followers = ended.followers or (), None
    ready = []
    for task in followers:
        task.waiting -= 1
        if task.waiting == 0 and task.state is State.WAITING:
            task.state = State.READY
            ready.append(task)
    return ready


def attach(task: Task, sources: Iterable[Task]) -> bool:
    """Have a task wait for those of its sources that are under way; False when one has stopped. Holds the lock."""
    for source in sources:
        if source.state is State.STOPPED:
            return False
        if source.state is not State.DONE:
            source.readers.append(task)
            task.waiting += 1
    return True
