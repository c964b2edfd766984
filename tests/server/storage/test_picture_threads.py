"""A few pictures are read at a time, however many are asked for."""

from __future__ import annotations

import asyncio
import threading

import pytest

from server.storage.picture_threads import AT_ONCE, PictureThreads
from tests.support.serving import PATIENCE, asynchronous


@asynchronous
async def test_only_some_are_at_work_and_the_others_wait() -> None:
    threads = PictureThreads()
    go, lock, begun = threading.Event(), threading.Lock(), threading.Semaphore(0)
    at_work: list[int] = []
    most: list[int] = []

    def work(number: int) -> int:
        with lock:
            at_work.append(number)
            most.append(len(at_work))
        begun.release()
        assert go.wait(PATIENCE)
        with lock:
            at_work.remove(number)
        return number

    asked = [asyncio.ensure_future(threads.do(lambda number=number: work(number))) for number in range(8)]
    for _ in range(AT_ONCE):
        await asyncio.to_thread(begun.acquire)
    assert len(at_work) == AT_ONCE
    go.set()
    assert await asyncio.gather(*asked) == list(range(8))
    assert max(most) == AT_ONCE
    threads.close()


@asynchronous
async def test_what_the_work_raises_comes_back_and_the_threads_go_on() -> None:
    threads = PictureThreads()
    with pytest.raises(ZeroDivisionError):
        await threads.do(lambda: 1 / 0)
    assert await threads.do(lambda: 7) == 7
    threads.close()


@asynchronous
async def test_closing_drops_what_waits_and_waits_for_nothing() -> None:
    threads = PictureThreads()
    go, begun = threading.Event(), threading.Semaphore(0)

    def work() -> bool:
        begun.release()
        return go.wait(PATIENCE)

    at_work = [asyncio.ensure_future(threads.do(work)) for _ in range(AT_ONCE)]
    for _ in at_work:
        await asyncio.to_thread(begun.acquire)
    waiting = asyncio.ensure_future(threads.do(work))
    await asyncio.sleep(0)
    threads.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go.set()
    assert await asyncio.gather(*at_work) == [True] * AT_ONCE
