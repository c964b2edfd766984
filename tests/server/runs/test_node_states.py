"""What a client that comes late is told of nodes is what one that was there has seen: both run the same cases."""

import json
from typing import Any

import pytest

from server.runs import node_states
from server.runs.artifacts import KEPT
from server.runs.node_states import MOST_PROBLEMS, fold, running
from tests.support.case_types import cases_of

CASES = cases_of("node-states")
DEFAULTS: dict[str, dict[str, Any]] = {
    "run_started": {"to_run": [], "reused": [], "blocked": []},
    "run_finished": {"status": "finished", "seconds": 0},
    "node_finished": {"seconds": 0},
    "node_warned": {"more": 0},
}


def events_of(said: list[Any]) -> list[dict[str, Any]]:
    """Events as the cases write them, in full."""
    events = []
    for kind, *rest in said:
        if kind == "repeat":
            times, event = rest
            for number in range(times):
                text = json.dumps(event).replace('"#"', str(number)).replace("#", str(number))
                events += events_of([json.loads(text)])
            continue
        node = {"node": rest.pop(0)} if rest and isinstance(rest[0], str) else {}
        facts = rest[0] if rest else {}
        event = {"event": kind, **node, **DEFAULTS.get(kind, {}), **facts}
        item = {"item": event["item"]} if "item" in event else {}
        event["artifacts"] = [{"name": name, **item} for name in event.pop("shows", ())]
        events.append(event)
    return events


def shown(states: dict[str, Any]) -> dict[str, list[str]]:
    """What nodes show, in the order of items; what ran in the place of a node that shows something is part of that."""
    made = {node: state["artifacts"] for node, state in states.items() if "artifacts" in state}
    return {
        node: [artifact["name"] for artifact in sorted(artifacts, key=lambda each: each.get("item", []))]
        for node, artifacts in made.items()
        if not any(node.startswith(f"{around}/") for around in made)
    }


def facts(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name not in ("artifacts", "artifact_count")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_events_become_the_states_of_the_cases(case):
    states: dict[str, Any] = {}
    for step in case["steps"]:
        fold(states, events_of(step["events"]))
        found = {node: facts(state) for node, state in states.items()}
        expected = dict(step["states"])
        if many := expected.pop("and", None):
            others = [node for node in found if node not in expected]
            assert (len(found), others[0], others[-1]) == (many["count"], many["first"], many["last"])
            found = {node: found[node] for node in expected}
        assert found == expected
        assert shown(states) == step.get("shows", {})


def test_of_what_items_show_the_newest_are_held_and_all_are_counted():
    states: dict[str, Any] = {}
    fold(states, events_of([["repeat", KEPT + 20, ["item_finished", "1", {"item": ["#"], "shows": ["p#"]}]]]))
    assert states["1"]["artifact_count"] == KEPT + 20
    assert shown(states)["1"] == [f"p{number}" for number in range(20, KEPT + 20)]


def test_a_damaged_event_is_passed_over():
    states: dict[str, Any] = {}
    fold(states, [{"event": "node_finished", "node": "1"}, {"nothing": 1}, {"event": "node_started", "node": "2"}])
    assert running(states) == ["2"]


def test_node_states_follow_the_events() -> None:
    states: dict[str, node_states.NodeState] = {"old": {"state": "running"}}
    made = [{"folder": "output", "name": "a.png"}]
    node_states.fold(
        states,
        [
            {"event": "run_started", "to_run": ["1", "2", "3", "4"], "reused": ["5"], "blocked": ["6"]},
            {"event": "node_started", "node": "1"},
            {"event": "node_progressed", "node": "1", "value": 1, "maximum": 2},
            {"event": "node_finished", "node": "1", "seconds": 0.5, "artifacts": made},
            {"event": "node_started", "node": "2"},
            {"event": "node_failed", "node": "2", "problem": {"code": "x"}},
            {"event": "node_skipped", "node": "3"},
            {"event": "node_started", "node": "4"},
            {"event": "node_reused", "node": "5", "artifacts": []},
            {"event": "run_finished"},
        ],
    )
    assert {node: state["state"] for node, state in states.items()} == {
        "1": "finished", "2": "failed", "3": "skipped", "4": "running", "5": "reused", "6": "skipped",
    }  # fmt: skip
    assert states["1"] == {"state": "finished", "seconds": 0.5, "artifacts": made, "artifact_count": 1}
    assert node_states.running(states) == ["4"]


def folded(*events: dict[str, object]) -> dict[str, node_states.NodeState]:
    states: dict[str, node_states.NodeState] = {}
    node_states.fold(states, events)
    return states


def picture(number: int) -> dict[str, str]:
    return {"folder": "output", "name": f"{number}.png"}


def item(number: int, **more: object) -> dict[str, object]:
    return {"event": "item_finished", "node": "1", "item": [number], **more}


def test_items_are_counted_one_by_one_and_in_sums_also_before_the_start_of_their_node() -> None:
    sums = {"event": "items_finished", "node": "1", "items": 5, "reused": 2}
    state = folded(item(0), {"event": "node_started", "node": "1"}, item(1, reused=True), sums)["1"]
    assert (state["state"], state["items"], state["items_reused"]) == ("running", 7, 3)


def test_of_many_items_that_failed_the_first_are_told() -> None:
    failed = [
        {"event": "item_failed", "node": "1", "item": [number], "problem": {"code": "x"}}
        for number in range(MOST_PROBLEMS + 5)
    ]
    state = folded(*failed)["1"]
    assert state["items_failed"] == MOST_PROBLEMS + 5
    assert [each["item"] for each in state["problems"]] == [[number] for number in range(MOST_PROBLEMS)]


def test_what_was_told_of_a_node_stays_when_its_state_changes() -> None:
    warned = {"event": "node_warned", "node": "1", "warnings": [{"message": "look"}], "more": 3}
    states = folded(
        warned,
        {"event": "node_started", "node": "1"},
        {"event": "node_progressed", "node": "1", "value": 1, "maximum": 2},
        {"event": "node_finished", "node": "1", "seconds": 1.0},
    )
    assert states["1"] == {
        "state": "finished", "seconds": 1.0, "warnings": [{"message": "look"}], "more_warnings": 3,
    }  # fmt: skip


def test_inner_nodes_that_have_ended_are_dropped_beyond_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_states, "MOST_STATES", 3)
    states = folded(
        {"event": "run_started", "to_run": ["7", "8"], "reused": [], "blocked": []},
        *(
            {"event": event, "node": f"7/{number}", "seconds": 1.0}
            for number in range(9)
            for event in ("node_started", "node_finished")
        ),
        {"event": "node_started", "node": "7/9"},
    )
    assert {*states} == {"7", "8", "7/0", "7/9"}
