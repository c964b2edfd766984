"""The threads of all runs: how many there are, which task they take next, and what is done when a run is over."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from graph.node_types.node_type import Lane
from graph.scheduling.lanes import Lanes, Task
from tests.support.toys import PATIENCE


class Named(Task):
    """A task with a name."""

    __slots__ = ("name",)

    def __init__(self, name: str, lane: Lane = "device") -> None:
        super().__init__(lane)
        self.name = name


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    with Lanes(cpu=2) as lanes:
        yield lanes


def wait(event: threading.Event) -> None:
    assert event.wait(PATIENCE), "nothing happened"


class Held:
    """A run on some lanes whose task `hold` stands still until it is let go."""

    def __init__(self, lanes: Lanes, done: list[str]) -> None:
        self.done = done
        self.began, self.gate, self.end = threading.Event(), threading.Event(), threading.Event()
        self.queue = lanes.open(self.perform)

    def perform(self, task: Named) -> None:
        if task.name == "hold":
            self.began.set()
            wait(self.gate)
        self.done.append(task.name)
        if task.name == "end":
            self.end.set()


@pytest.mark.parametrize(("lane", "width"), [("cpu", 3), ("io", 2), ("device", 1)])
def test_a_lane_has_as_many_threads_as_it_is_wide(lane: Lane, width: int) -> None:
    at_work, most = 0, 0
    lock, full, ended = threading.Lock(), threading.Event(), threading.Semaphore(0)

    def perform(task: Task) -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
            if at_work == width:
                full.set()
        wait(full)
        with lock:
            at_work -= 1
        ended.release()

    with Lanes(cpu=3, io=2) as lanes:
        assert lanes.width[lane] == width
        queue = lanes.open(perform)
        lanes.push(queue, [Task(lane) for _ in range(2 * width)])
        for _ in range(2 * width):
            assert ended.acquire(timeout=PATIENCE)
    assert most == width


def test_what_is_pushed_together_goes_in_order_and_before_what_was_ready(lanes: Lanes) -> None:
    run = Held(lanes, [])
    lanes.push(run.queue, [Named("hold")])
    wait(run.began)
    lanes.push(run.queue, [Named("a"), Named("end")])
    lanes.push(run.queue, [Named("b"), Named("c")])
    run.gate.set()
    wait(run.end)
    assert run.done == ["hold", "b", "c", "a", "end"]


def test_a_run_that_was_opened_earlier_is_served_first(lanes: Lanes) -> None:
    done: list[str] = []
    first, second = Held(lanes, done), Held(lanes, done)
    lanes.push(second.queue, [Named("hold")])
    wait(second.began)
    lanes.push(second.queue, [Named("end")])
    lanes.push(first.queue, [Named("of the first")])
    second.gate.set()
    wait(second.end)
    assert done == ["hold", "of the first", "end"]


def test_what_is_dropped_is_counted_and_never_done(lanes: Lanes) -> None:
    run = Held(lanes, [])
    lanes.push(run.queue, [Named("hold")])
    wait(run.began)
    lanes.push(run.queue, [Named("a"), Named("b")])
    assert lanes.drop(run.queue) == 2
    lanes.push(run.queue, [Named("end")])
    run.gate.set()
    wait(run.end)
    assert run.done == ["hold", "end"]


def test_a_queue_that_is_closed_with_wait_has_no_thread_inside(lanes: Lanes) -> None:
    run = Held(lanes, [])
    lanes.push(run.queue, [Named("hold")])
    wait(run.began)
    at_close: list[list[str]] = []

    def close() -> None:
        lanes.close_queue(run.queue, wait=True)
        at_close.append([*run.done])

    closing = threading.Thread(target=close)
    closing.start()
    run.gate.set()
    closing.join(PATIENCE)
    assert at_close == [["hold"]]


def test_closed_lanes_have_done_what_was_ready_and_open_no_queue() -> None:
    lanes = Lanes(cpu=1)
    run = Held(lanes, [])
    lanes.push(run.queue, [Named("hold"), Named("a"), Named("b")])
    wait(run.began)
    run.gate.set()
    lanes.close()
    assert run.done == ["hold", "a", "b"]
    with pytest.raises(RuntimeError, match="the engine is closed"):
        lanes.open(run.perform)


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_coroutine_ends_by_itself_or_when_it_is_cancelled(lanes: Lanes, is_cancelled: bool) -> None:
    ended, began = threading.Event(), threading.Event()
    ends: list[Any] = []

    async def work() -> int:
        began.set()
        if is_cancelled:
            await asyncio.Event().wait()
        return 7

    def then(task: asyncio.Task[Any]) -> None:
        ends.append("cancelled" if task.cancelled() else task.result())
        ended.set()

    cancel = lanes.start_async(work(), then)
    wait(began)
    if is_cancelled:
        cancel()
    wait(ended)
    assert ends == ["cancelled" if is_cancelled else 7]
