"""A piece of work reports its end once, whoever still waits for it."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future

import pytest

from server.storage.database_work import WorkItem, call_with_result, log_failure
from tests.support.serving import asynchronous


def item() -> WorkItem:
    return WorkItem(lambda _: None, is_awaited=True, written=Future())


def test_work_that_is_done_has_its_result_and_is_written() -> None:
    found = item()
    found.finish(7)
    assert found.done.result(0) == 7
    assert found.written is not None
    assert found.written.result(0) is True


def test_work_that_failed_has_its_error_and_is_not_written() -> None:
    found = item()
    written = found.written
    found.fail(ValueError("no"))
    assert isinstance(found.done.exception(0), ValueError)
    assert written is not None
    assert written.result(0) is False


def test_work_that_is_held_says_so_once_and_may_be_done_later() -> None:
    found = item()
    written = found.written
    found.report_held()
    found.report_held()
    assert written is not None
    assert written.result(0) is False
    assert not found.done.done()
    found.finish(7)
    assert found.done.result(0) == 7


def test_nobody_has_to_wait_any_more() -> None:
    for end in (lambda work: work.finish(7), lambda work: work.fail(ValueError("no"))):
        found = item()
        assert found.written is not None
        found.done.cancel()
        found.written.cancel()
        end(found)
        assert found.done.cancelled()


@asynchronous
async def test_only_a_result_is_passed_on() -> None:
    loop = asyncio.get_running_loop()
    heard: list[int] = []
    succeeded, failed, cancelled = (loop.create_future() for _ in range(3))
    succeeded.set_result(1)
    failed.set_exception(ValueError("no"))
    cancelled.cancel()
    for future in (succeeded, failed, cancelled):
        call_with_result(future, heard.append)
    assert heard == [1]
    failed.exception()


def test_an_error_that_nobody_waits_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    succeeded: Future[int] = Future()
    failed: Future[int] = Future()
    cancelled: Future[int] = Future()
    succeeded.set_result(1)
    failed.set_exception(ValueError("it is closed"))
    cancelled.cancel()
    with caplog.at_level(logging.ERROR):
        for future in (succeeded, failed, cancelled):
            log_failure(future)
    assert [record.getMessage() for record in caplog.records] == ["the database refused a change: it is closed"]
