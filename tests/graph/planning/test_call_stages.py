"""How a call goes on: the table of transitions, and that it refuses others."""

from typing import get_args

import pytest

from graph.planning import call_stages
from graph.planning.call_stages import (
    DONE,
    READY,
    TRANSITIONS,
    Blocked,
    Calls,
    Done,
    EffectsDue,
    NotCached,
    Ready,
    Stage,
    Stopped,
    WaitsForInputs,
    WaitsForTurn,
    check_transition,
)

ENDS = {Done, Blocked, Stopped}
ALL = set(get_args(Stage))


def test_a_call_that_is_looked_up_is_reused_waits_or_is_called():
    following = {after.__name__ for after in TRANSITIONS[Ready]}
    assert following == {
        "Done", "Blocked", "NotCached", "WaitsForEqual", "WaitsForInputs", "Stopped",
    }  # fmt: skip


@pytest.mark.parametrize("stage", sorted(ALL - ENDS, key=str), ids=lambda stage: stage.__name__)
def test_from_every_stage_a_call_may_stop(stage):
    assert Stopped in TRANSITIONS[stage]


@pytest.mark.parametrize("stage", sorted(ENDS, key=str), ids=lambda stage: stage.__name__)
def test_nothing_but_being_taken_up_again_follows_an_end(stage):
    assert TRANSITIONS[stage] <= {Ready}


def test_every_stage_can_be_reached():
    reached, pending = set(), {Ready}
    while pending:
        stage = pending.pop()
        reached.add(stage)
        pending |= TRANSITIONS[stage] - reached
    assert reached == ALL


def test_what_the_table_does_not_have_is_refused():
    inputs = call_stages.CallInputs({})
    check_transition(READY, NotCached(inputs, {}))
    check_transition(NotCached(inputs, {}), Calls(inputs, {}))
    check_transition(Calls(inputs, {}), WaitsForInputs(("a",)))
    due = EffectsDue(inputs, (), 0.0, ())
    check_transition(due, WaitsForTurn(due))
    with pytest.raises(RuntimeError, match="cannot go from Done to Calls"):
        check_transition(DONE, Calls(inputs, {}))
    with pytest.raises(RuntimeError, match="cannot go from Ready to EffectsDue"):
        check_transition(READY, due)
