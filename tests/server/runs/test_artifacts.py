"""The pictures of a run: the newest of each node with a count of all, whatever the length of a stream or loop."""

from __future__ import annotations

from typing import Any

import pytest

from server.runs.artifacts import KEPT, RunArtifacts, completed_effects
from server.runs.run import Run


def picture(name: str) -> dict[str, str]:
    return {"folder": "output", "name": name, "media": "image/png"}


def finished(node: str, *names: str, event: str = "node_finished", **more: Any) -> dict[str, Any]:
    return {"event": event, "node": node, "artifacts": [picture(name) for name in names], **more}


def item(node: str, *names: str, **more: Any) -> dict[str, Any]:
    return finished(node, *names, event="item_finished", **more)


def folded(*events: dict[str, Any], run: Run | None = None) -> Run:
    run = run or Run("r")
    artifacts = RunArtifacts(run)
    for event in events:
        artifacts.fold(event)
    return run


def names_of(run: Run) -> dict[str, list[str]]:
    return {node: [each["name"] for each in made] for node, made in run.artifacts.items()}


def test_what_a_node_made_is_held() -> None:
    run = folded(finished("1", "a", "b"), finished("2"))
    assert names_of(run) == {"1": ["a", "b"]}
    assert run.artifact_counts == {"1": 2}


def test_items_add_up_and_the_end_of_their_node_repeats_them() -> None:
    run = folded(item("1", "a"), item("1", "b", "c"), finished("1", "a", "b", "c"))
    assert names_of(run) == {"1": ["a", "b", "c"]}
    assert run.artifact_counts == {"1": 3}


def test_of_many_the_newest_are_held() -> None:
    run = folded(*(item("1", str(number)) for number in range(KEPT + 5)))
    assert names_of(run)["1"] == [str(number) for number in range(5, KEPT + 5)]
    assert run.artifact_counts["1"] == KEPT + 5


def test_a_node_that_ran_another_graph_repeats_what_that_made() -> None:
    run = folded(finished("7/1", "a"), finished("7/2", "b"), finished("7", "a", "b"))
    assert names_of(run) == {"7": ["a", "b"]}
    assert run.artifact_counts == {"7": 2}


def test_of_many_turns_of_a_loop_the_newest_are_held_until_the_loop_ends() -> None:
    turns = [finished(f"7/{number}", str(number)) for number in range(KEPT + 5)]
    run = folded(*turns)
    assert list(run.artifacts) == [f"7/{number}" for number in range(5, KEPT + 5)]
    run = folded(*turns, finished("7", *map(str, range(KEPT + 5))))
    assert list(run.artifacts) == ["7"]
    assert run.artifact_counts == {"7": KEPT + 5}


def test_what_is_repeated_is_not_new() -> None:
    run = Run("r")
    artifacts = RunArtifacts(run)
    seen = []
    for event in (
        item("1", "a"), finished("1", "a"), item("1", "b", reused=True), finished("2", "c"), finished("7/1", "d"),
        finished("7", "d"), {"event": "node_started", "node": "9"},
    ):  # fmt: skip
        seen.append(artifacts.is_new(event))
        artifacts.fold(event)
    assert seen == [True, False, False, True, True, False, False]


def test_another_attempt_begins_anew() -> None:
    run = folded(item("1", "a"), item("1", "b"), {"event": "run_started"}, item("1", "a"))
    assert names_of(run) == {"1": ["a"]}


def test_effects_of_earlier_attempts_are_those_that_happened_and_can_be_found_again() -> None:
    events = [
        finished("1", "a", keys=["aa"]),
        item("2", "b", keys=["bb"]),
        finished("3", "c", keys=["cc"], reused=True),
        finished("4", "d", keys=[]),
        {"event": "node_started", "node": "5"},
    ]
    assert [effect.node for effect in completed_effects(events)] == ["1", "2"]
    first = completed_effects(events)[0]
    assert (first.keys, [made.name for made in first.artifacts]) == (["aa"], ["a"])


@pytest.mark.parametrize(
    "damage", [{"keys": "aa"}, {"keys": [1]}, {"node": 7}, {"artifacts": [{}]}, {"artifacts": None}, {"artifacts": [1]}]
)
def test_an_effect_that_was_damaged_on_the_disk_is_left_out(damage: dict[str, Any]) -> None:
    assert completed_effects([{**finished("1", "a", keys=["aa"]), **damage}]) == []
