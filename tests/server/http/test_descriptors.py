"""How many connections the file descriptors of this process allow: some are always left for everything else."""

from __future__ import annotations

import sys

import pytest

from server.http.descriptors import KEPT_BACK, WANTED, most_connections, raise_limit


@pytest.mark.parametrize(
    ("limit", "most", "connections"),
    [
        (WANTED, 1_000, 1_000),
        (1_024, 1_000, (1_024 - KEPT_BACK) // 2),
        (256, 1_000, 96),
        (KEPT_BACK, 1_000, 8),
        (0, 1_000, 8),
    ],
)
def test_each_connection_may_need_two_and_some_are_kept_back(limit: int, most: int, connections: int) -> None:
    assert most_connections(limit, most) == connections


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize(
    ("soft", "hard", "after"),
    [(256, 1_024, 1_024), (256, 100_000, WANTED), (256, -1, WANTED), (50_000, 100_000, 50_000), (-1, -1, -1)],
)
def test_the_limit_is_raised_as_far_as_it_is_useful_and_allowed(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, after: int
) -> None:
    import resource

    limits = [soft, hard]
    infinite = resource.RLIM_INFINITY
    monkeypatch.setattr(resource, "getrlimit", lambda _: tuple(infinite if each == -1 else each for each in limits))
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: limits.__setitem__(slice(None), list(new)))
    assert raise_limit() == (WANTED if after == -1 else after)
    assert limits[0] == after


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_system_that_raises_nothing_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    def refuse(*_: object) -> None:
        raise ValueError("not allowed")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert raise_limit() == 256
