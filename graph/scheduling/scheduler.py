"""When each task of a run is performed. Knows tasks and what they wait for; knows no node, no value and no cache.

Order: a task is ready when all that it waits for is done. Ready tasks run depth first - what a finished task made ready
goes to the front - so that a branch is carried to its end, and its values released, before the next begins.
Growth: a task may wait for more while it is at work, be put aside until something outside the run has happened, and
new tasks may be added at any time.
Order of effects: a task may wait for the end of others, whatever end that is.
Failure: what waits, directly or not, for a task that stopped is skipped; everything else goes on.
Cancelling: nothing more is started once the token says so; tasks at work are left to notice by themselves.

Every change is made inside `with schedule:`, by one thread at a time; it cannot be entered twice. At its end, what the
change made ready is handed to the lanes. A change after which nothing is ready needs the `lock` only.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any

from graph.base.gc_pacing import YOUNG_SECONDS, Clock
from graph.node_types.context import CancelToken
from graph.scheduling.lanes import Ended, Lanes, Perform, RunQueue, State, Task


class Schedule:
    """The tasks of one run. `run` it once; methods that say "in a change" are called inside `with schedule:`."""

    def __init__(self, lanes: Lanes, token: CancelToken) -> None:
        self.failure: BaseException | None = None
        self._token = token
        self._lanes = lanes
        self._queue: RunQueue | None = None
        self.lock = threading.Lock()
        self._ready: list[Task] = []
        """What the present change made ready; before `run`, what all changes did."""
        self._active = 1
        """How many tasks are ready or at work; `run` itself counts until it has started everything."""
        self._bell: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        """Rung when `run` should look, or with a task that goes on. Needs no lock, so anybody may ring it."""
        self._aside: dict[Task, Callable[[], None] | None] = {}
        """Tasks that wait for something outside of the run -> what cancels that."""

    def __enter__(self) -> Schedule:
        self.lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        ready: list[Task] = []
        if self._ready and self._queue is not None:
            ready, self._ready = self._ready, ready
        is_over = self._active == 0
        self.lock.release()
        if is_over:
            self._bell.put(None)
        if ready:
            self._push(ready)

    def run(self, perform: Perform) -> None:
        """Perform tasks until none is at work or ready any more; raise what `abort` was given. `perform` may not raise.

        When it returns, no thread is inside of the run any more.
        """
        self._queue = self._lanes.open(partial(self._guarded, perform))
        unsubscribe = self._token.on_cancel(partial(self._bell.put, None))
        is_empty = False
        try:
            with self:
                self._active -= 1
            self._watch()
            is_empty = True
        except BaseException as error:
            self.abort(error)
            raise
        finally:
            unsubscribe()
            self._lanes.close_queue(self._queue, wait=is_empty)
        self.raise_failure()

    def raise_failure(self) -> None:
        """Raise what `abort` was given, if it was called."""
        failure, self.failure = self.failure, None
        if failure is not None:
            try:
                raise failure
            finally:
                del failure  # else the error would hold the frames of the run, and these the error

    def _watch(self) -> None:
        clock = Clock()
        while True:
            try:
                task = self._bell.get(timeout=YOUNG_SECONDS)  # an unbounded wait knows no Ctrl+C on Windows
            except queue.Empty:
                clock.tick()
                continue
            if task is not None:
                with self:
                    if self.take_back(task):
                        self._make_ready([task], count=0)
            if self.ending:
                self._cancel()
            if self._active == 0:
                return

    # In a change

    def start(self, tasks: Sequence[Task]) -> None:
        """Tasks that wait for nothing are ready."""
        self._make_ready(tasks, len(tasks))

    def finish(self, task: Task) -> None:
        """A task at work is done: what waited for nothing else is ready."""
        task.state = State.DONE
        ready: list[Task] = []
        readers, task.readers = task.readers, []
        for reader in readers:
            reader.waiting -= 1
            if reader.waiting == 0 and reader.state is State.WAITING:
                ready.append(reader)
        if task.followers:
            ready += _turn_of_followers(task)
        self._active -= 1
        if ready:
            self._make_ready(ready, len(ready))

    def stop(self, task: Task) -> list[Task]:
        """A task ended without a result; returns the tasks that will now never run. One at work has yet to `leave`."""
        task.state = State.STOPPED
        skipped: list[Task] = []
        ready: list[Task] = []
        pending = [task]
        while pending:
            stopped = pending.pop()
            ready += _turn_of_followers(stopped)
            readers, stopped.readers = stopped.readers, []
            for reader in readers:
                if reader.state is State.WAITING:
                    reader.state = State.STOPPED
                    skipped.append(reader)
                    pending.append(reader)
        self._make_ready(ready, len(ready))
        return skipped

    def leave(self) -> None:
        """A task that was at work is so no longer, because it stopped or waits."""
        self._active -= 1

    def wait(self, task: Task, sources: Iterable[Task]) -> bool:
        """A task at work waits for more; it is performed again when they are done. False when one of them stopped."""
        task.state = State.WAITING
        if not attach(task, sources):
            return False
        if task.waiting:
            self._active -= 1
        else:
            self._make_ready([task], count=0)
        return True

    def wait_turn(self, task: Task, other: Task) -> None:
        """A task at work waits until another one, which is under way, has ended in whatever way."""
        task.state = State.WAITING
        other.followers = [*(other.followers or ()), task]
        task.waiting += 1
        self._active -= 1

    def resume(self, task: Task) -> None:
        """A task that left its thread and waited for nothing in the schedule goes on."""
        self._make_ready([task], count=1)

    def put_aside(self, task: Task, cancel: Callable[[], None] | None = None) -> None:
        """A task at work leaves its thread until `again` is called for it.

        When the run is cancelled, `cancel` is called; without it, the task is given up.
        """
        self._aside[task] = cancel

    def take_back(self, task: Task) -> bool:
        """Whether a task that was put aside still is; it counts as at work again. False once its run was cancelled."""
        return self._aside.pop(task, _ABSENT) is not _ABSENT

    # From anywhere

    def again(self, task: Task, news: Any) -> None:
        """A task that was put aside goes on, with `news`. Takes no lock: another run may call it inside a change."""
        task.news = news
        self._bell.put(task)

    def start_async(self, task: Task, work: Coroutine[Any, Any, Any], then: Ended) -> None:
        """Put a task aside while the event loop works on a coroutine; cancelling the run cancels it."""
        with self:
            self.put_aside(task, self._lanes.start_async(work, then))
        if self.ending:
            self._cancel()

    def abort(self, error: BaseException) -> None:
        """A fault that is no node's: nothing more is started, and `run` raises it. Takes no lock."""
        self.failure = self.failure or error
        self._bell.put(None)

    @property
    def ending(self) -> bool:
        """Whether nothing more is to be started."""
        return self._token.cancelled or self.failure is not None

    def _guarded(self, perform: Perform, task: Task) -> None:
        if not self._token.cancelled and self.failure is None:  # `ending`, but it costs something for each task
            task.state = State.ACTIVE
            try:
                perform(task)
            except BaseException as error:  # noqa: BLE001 - raised by `run`; a dead thread must not leave it waiting
                self.abort(error)
            else:
                return
        with self:
            self._active -= 1

    def _make_ready(self, tasks: Sequence[Task], count: int) -> None:
        """Tasks are to be performed next, before all that were ready; `count` of them were not at work so far."""
        for task in tasks:
            task.state = State.READY
        self._active += count
        self._ready = [*tasks, *self._ready]

    def _push(self, tasks: Sequence[Task]) -> None:
        assert self._queue is not None  # noqa: S101 - nothing is handed over before the run
        self._lanes.push(self._queue, tasks)
        if self._token.cancelled or self.failure is not None:
            self._cancel()

    def _cancel(self) -> None:
        cancels: list[Callable[[], None]] = []
        with self:
            if self._queue is not None:
                self._active -= self._lanes.drop(self._queue)
            for task, cancel in list(self._aside.items()):
                if cancel is not None:
                    cancels.append(cancel)
                    continue
                del self._aside[task]  # a run that is cancelled does not wait for what happens outside of it
                task.state = State.STOPPED
                self._active -= 1
        for cancel in cancels:
            cancel()


def _absent() -> None:
    """Stands for a task that is not put aside."""


_ABSENT = _absent


def _turn_of_followers(ended: Task) -> list[Task]:
    """The tasks that waited for the end of this one, and for nothing else."""
    followers, ended.followers = ended.followers or (), None
    ready = []
    for task in followers:
        task.waiting -= 1
        if task.waiting == 0 and task.state is State.WAITING:
            task.state = State.READY
            ready.append(task)
    return ready


def attach(task: Task, sources: Iterable[Task]) -> bool:
    """Have a task wait for those of its sources that are under way; False when one has stopped."""
    for source in sources:
        if source.state is State.STOPPED:
            return False
        if source.state is not State.DONE:
            source.readers.append(task)
            task.waiting += 1
    return True
