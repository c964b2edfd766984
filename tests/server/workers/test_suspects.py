"""Who may have ended a worker: whoever was being called, or whoever was at work, or the one that would not stop."""

from __future__ import annotations

import pytest

from server.workers.suspects import ActiveCall, find_suspects

CALLING = ActiveCall("calling", "5", "KSampler")
ALSO = ActiveCall("also", "9", "SaveImage", draining=True)
IDLE = ActiveCall("idle")
DRAINING = ActiveCall("draining", draining=True)


@pytest.mark.parametrize(
    ("active", "killed", "suspects"),
    [
        ([], "", ()),
        ([CALLING, IDLE, DRAINING], "", (CALLING,)),
        ([CALLING, ALSO], "", (CALLING, ALSO)),
        ([IDLE, DRAINING], "", (IDLE,)),
        ([DRAINING], "", (DRAINING,)),
        ([CALLING, IDLE], "idle", (IDLE,)),
        ([CALLING], "gone", ()),
    ],
)
def test_the_suspects_of_a_death(active: list[ActiveCall], killed: str, suspects: tuple[ActiveCall, ...]) -> None:
    assert find_suspects(active, killed) == suspects


@pytest.mark.parametrize(
    ("active_calls", "killed_for_run", "suspects"),
    [
        ([ActiveCall("a")], "", ["a"]),
        ([ActiveCall("a", "1"), ActiveCall("b", "2")], "", ["a", "b"]),
        ([ActiveCall("a", "1", draining=True), ActiveCall("b")], "", ["a"]),
        ([ActiveCall("a", draining=True), ActiveCall("b")], "", ["b"]),
        ([ActiveCall("a", draining=True)], "", ["a"]),
        ([ActiveCall("a", "1"), ActiveCall("b", "2")], "b", ["b"]),
        ([ActiveCall("a", "1")], "gone", []),
        ([], "", []),
    ],
)
def test_which_runs_are_suspects(active_calls: list[ActiveCall], killed_for_run: str, suspects: list[str]) -> None:
    assert [item.run for item in find_suspects(active_calls, killed_for_run)] == suspects
