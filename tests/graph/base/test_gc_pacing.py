"""The garbage collector rests while runs are at work, and collects by the clock."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from graph.base import gc_pacing
from graph.base.gc_pacing import ALL_SECONDS, Clock, collector_at_rest


@pytest.fixture(autouse=True)
def enabled() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if was_enabled else gc.disable)()


def test_it_rests_until_the_last_run_has_ended() -> None:
    with collector_at_rest():
        with collector_at_rest():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_works_again_after_a_run_that_failed() -> None:
    with pytest.raises(ValueError, match="torn"), collector_at_rest():
        raise ValueError("torn")
    assert gc.isenabled()


def test_one_that_was_at_rest_before_stays_so() -> None:
    gc.disable()
    with collector_at_rest():
        pass
    assert not gc.isenabled()


def test_young_objects_are_collected_at_each_tick_and_all_of_them_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    collected: list[tuple[int, ...]] = []
    monkeypatch.setattr(gc_pacing.time, "monotonic", lambda: now)
    monkeypatch.setattr(gc, "collect", lambda *generation: collected.append(generation))
    clock = Clock()
    for now in (1000.5, 1001.0, 1000.0 + ALL_SECONDS, 1000.5 + ALL_SECONDS, 1000.0 + 2 * ALL_SECONDS):  # noqa: B007
        clock.tick()
    assert collected == [(1,), (1,), (), (1,), ()]
