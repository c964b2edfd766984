"""Connections are looked at often enough that no limit is exceeded by much, and not more often than once a second."""

from __future__ import annotations

from dataclasses import fields

import pytest

from server.limits import Limits

SECONDS = ["header_seconds", "idle_seconds", "body_seconds", "unread_seconds"]


def test_with_the_usual_limits_connections_are_looked_at_once_a_second() -> None:
    assert Limits().tick == 1.0


@pytest.mark.parametrize("name", SECONDS)
def test_a_shorter_limit_is_looked_at_four_times_within_it(name: str) -> None:
    assert Limits(**{name: 0.4}).tick == pytest.approx(0.1)


def test_every_limit_in_seconds_counts() -> None:
    assert sorted(SECONDS) == sorted(each.name for each in fields(Limits) if each.name.endswith("_seconds"))


def test_fewer_strangers_than_connections_are_let_in() -> None:
    assert Limits().max_unauthenticated < Limits().max_connections
