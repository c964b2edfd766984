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
