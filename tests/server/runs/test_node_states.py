"""What a client that comes late is told of nodes is what one that was there has seen: both run the same cases."""

import json
from typing import Any

import pytest

from server.runs.artifacts import KEPT
from server.runs.node_states import fold, running
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
