"""Large bodies share a bounded memory: they are let in by their order, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import pytest

from server.errors import ApiError
from server.requests.memory_limit import MemoryLimit
from tests.support.serving import asynchronous


class Visitor:
    """A request that holds some bytes until it is told to leave."""

    def __init__(self, limit: MemoryLimit, wanted: int) -> None:
        self.may_leave = asyncio.Event()
        self.is_in = False
        self.task = asyncio.create_task(self._visit(limit, wanted))

    async def _visit(self, limit: MemoryLimit, wanted: int) -> None:
        async with limit.reserve(wanted):
            self.is_in = True
            await self.may_leave.wait()

    async def leave(self) -> None:
        self.may_leave.set()
        await self.task
        await settle()


async def settle() -> None:
    """Let everybody do what can be done without waiting."""
    for _ in range(10):
        await asyncio.sleep(0)


@contextlib.contextmanager
def all_is_free_again(limit: MemoryLimit) -> Iterator[None]:
    yield
    assert limit.free == limit.size


@asynchronous
async def test_what_fits_is_let_in_and_what_does_not_waits_in_its_order() -> None:
    limit = MemoryLimit(10)
    with all_is_free_again(limit):
        first, large, small = (Visitor(limit, wanted) for wanted in (6, 8, 1))
        await settle()
        assert [each.is_in for each in (first, large, small)] == [True, False, False], "nobody overtakes"
        await first.leave()
        assert (large.is_in, small.is_in) == (True, True)
        assert limit.free == 1
        await large.leave()
        await small.leave()


@asynchronous
async def test_one_that_is_larger_than_everything_is_let_in_alone() -> None:
    limit = MemoryLimit(10)
    with all_is_free_again(limit):
        huge, other = Visitor(limit, 1_000), Visitor(limit, 1)
        await settle()
        assert (huge.is_in, other.is_in, limit.free) == (True, False, 0)
        await huge.leave()
        await other.leave()


@asynchronous
async def test_who_wants_nothing_never_waits() -> None:
    limit = MemoryLimit(10)
    holder, waiting, small = Visitor(limit, 10), Visitor(limit, 5), Visitor(limit, 0)
    await settle()
    assert (holder.is_in, waiting.is_in, small.is_in) == (True, False, True)
    for each in (small, holder, waiting):
        await each.leave()
    assert limit.free == 10


@asynchronous
async def test_who_waits_while_nothing_is_released_is_refused_and_told_to_come_again() -> None:
    limit = MemoryLimit(10, timeout_seconds=0.0)
    holder = Visitor(limit, 10)
    await settle()
    with pytest.raises(ApiError, match="Other large bodies") as caught:
        async with limit.reserve(5):
            raise AssertionError("it was let in")
    assert (caught.value.status, caught.value.code) == (503, "busy")
    await holder.leave()
    async with limit.reserve(10):
        assert limit.free == 0
    assert limit.free == 10


@asynchronous
async def test_who_goes_away_while_waiting_keeps_nobody_up() -> None:
    limit = MemoryLimit(10)
    with all_is_free_again(limit):
        holder, large, small = (Visitor(limit, wanted) for wanted in (6, 8, 4))
        await settle()
        large.task.cancel()
        await settle()
        assert small.is_in
        await holder.leave()
        await small.leave()


@asynchronous
async def test_what_was_granted_to_somebody_who_is_gone_is_given_back() -> None:
    limit = MemoryLimit(10)
    with all_is_free_again(limit):
        holder, waiting = Visitor(limit, 10), Visitor(limit, 10)
        await settle()
        holder.may_leave.set()
        await holder.task  # which grants the bytes
        waiting.task.cancel()
        await settle()
        assert not waiting.is_in


@asynchronous
async def test_bytes_come_back_when_the_request_fails() -> None:
    limit = MemoryLimit(10)
    with all_is_free_again(limit), contextlib.suppress(ValueError):
        async with limit.reserve(7):
            raise ValueError("the body is damaged")
