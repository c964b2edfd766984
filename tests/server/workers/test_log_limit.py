"""A node that prints without end fills no disk: so many lines a second are logged, and the others counted."""

from __future__ import annotations

import logging

import pytest

from server.workers.log_limit import MOST_LINES, LogLimit


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_within_a_second_the_first_lines_are_logged() -> None:
    clock = Clock()
    limit = LogLimit(clock)
    assert limit.take(MOST_LINES - 1) == MOST_LINES - 1
    assert limit.take(5) == 1
    clock.now += 0.99
    assert limit.take(5) == 0


def test_with_the_next_second_others_are_and_those_left_out_are_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    limit = LogLimit(clock)
    limit.take(MOST_LINES + 7)
    clock.now += 1.0
    with caplog.at_level(logging.INFO):
        assert limit.take(3) == 3
        limit.report_left_out()
    (record,) = caplog.records
    assert record.getMessage().startswith("(7 further lines are not logged")


def test_where_nothing_was_left_out_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    limit = LogLimit(Clock())
    limit.take(3)
    with caplog.at_level(logging.INFO):
        limit.report_left_out()
    assert caplog.records == []


def test_so_many_lines_a_second_are_logged_and_the_others_counted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    now = 0.0
    limit = LogLimit(lambda: now)
    assert [limit.take(150), limit.take(150), limit.take(150)] == [150, 50, 0]
    now = 1.5
    assert limit.take(10) == 10
    assert [record.getMessage() for record in caplog.records] == [
        "(250 further lines are not logged: at most 200 a second are)"
    ]
