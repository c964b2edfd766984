"""Folds the state of each node of a run from its events, for clients that missed the beginning.

States are bounded, whatever the length of a stream or loop: of each node the newest artifacts and the first problems of
its items are held, with counts of all. Inner nodes (`7/3`) that have ended are dropped beyond `MOST_STATES`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from server.runs.artifacts import KEPT
from server.shapes import runs as shapes

NodeState = dict[str, Any]
"""What `server.shapes.runs.NodeState` declares, as it is folded and sent."""
MOST_STATES, MOST_PROBLEMS = 20_000, 20
_PERSISTENT = (
    "items",
    "items_reused",
    "items_failed",
    "problems",
    "artifacts",
    "artifact_count",
    "warnings",
    "more_warnings",
)
_ENDED = frozenset({"finished", "reused", "failed", "skipped", "cancelled"})


def fold(states: dict[str, NodeState], events: Iterable[Mapping[str, Any]]) -> None:
    """Updates `states` (node id -> state) by further events, in place."""
    for event in events:
        try:
            _fold_one(states, event)
        except (KeyError, TypeError, ValueError, AttributeError):  # damaged on the disk
            continue


def _fold_one(states: dict[str, NodeState], event: Mapping[str, Any]) -> None:
    node = event.get("node", "")
    match event["event"]:
        case "run_started":
            states.clear()
            states.update({node: {"state": "waiting"} for node in event["to_run"]})
            states.update({node: {"state": "reused"} for node in event["reused"]})
            states.update({node: {"state": "skipped"} for node in event["blocked"]})
        case "node_started":
            states[node] = {"state": "running", **_persistent_facts(states, node)}
        case "node_progressed":
            progress = {"state": "running", "value": event["value"], "maximum": event["maximum"]}
            states[node] = {**progress, **_persistent_facts(states, node)}
        case "node_finished":
            states[node] = {"state": "finished", "seconds": event["seconds"], **_persistent_facts(states, node)}
            _add_artifacts(states[node], event)
        case "node_reused":
            states[node] = {"state": "reused", **_persistent_facts(states, node)}
            _add_artifacts(states[node], event)
        case "node_failed":
            states[node] = {"state": "failed", "problem": event["problem"], **_persistent_facts(states, node)}
        case "node_skipped":
            states[node] = {"state": "skipped", **_persistent_facts(states, node)}
        case "run_finished":
            _end(states, "cancelled" if event["status"] == "cancelled" else "skipped")
        case "node_warned":
            state = states.setdefault(node, {"state": "waiting"})
            state["warnings"] = event["warnings"]
            if event["more"]:
                state["more_warnings"] = event["more"]
        case "node_cancelled":
            states[node] = {"state": "cancelled", **_persistent_facts(states, node)}
        case "item_finished":
            _count(_running_state(states, node), 1, int(bool(event.get("reused"))))
            _add_artifacts(states[node], event)
        case "items_finished":
            _count(_running_state(states, node), event["items"], event["reused"])
        case "item_failed":
            state = _running_state(states, node)
            state["items_failed"] = state.get("items_failed", 0) + 1
            problems = state.setdefault("problems", [])
            if len(problems) < MOST_PROBLEMS:
                problems.append({"item": event["item"], "problem": event["problem"]})
    if len(states) > MOST_STATES and "/" in node and states[node]["state"] in _ENDED:
        del states[node]


def as_shapes(states: dict[str, NodeState]) -> dict[str, shapes.NodeState]:
    """The states as the shapes that they are sent as: they are held in the same form."""
    return cast("dict[str, shapes.NodeState]", states)


def running(states: Mapping[str, NodeState]) -> list[str]:
    """Returns the nodes that are being called."""
    return [node for node, state in states.items() if state["state"] == "running"]


def _end(states: dict[str, NodeState], to: str) -> None:
    """Give an end to the nodes that have none when the run ends, such as those of a branch that was not taken."""
    for node in [node for node, state in states.items() if state["state"] not in _ENDED]:
        states[node] = {"state": to, **_persistent_facts(states, node)}


def _running_state(states: dict[str, NodeState], node: str) -> NodeState:
    """Returns the state of a node that reported an item. The item may be reported before the start of its node."""
    state = states.get(node)
    if state is None or state["state"] == "waiting":
        state = states[node] = {"state": "running", **_persistent_facts(states, node)}
    return state


def _persistent_facts(states: Mapping[str, NodeState], node: str) -> NodeState:
    before = states.get(node)
    if before is None or len(before) == 1:
        return {}
    return {name: before[name] for name in _PERSISTENT if name in before}


def _count(state: NodeState, items: int, reused: int) -> None:
    state["items"] = state.get("items", 0) + items
    if reused:
        state["items_reused"] = state.get("items_reused", 0) + reused


def _add_artifacts(state: NodeState, event: Mapping[str, Any]) -> None:
    """Adds the artifacts of an event; at the end of a node with items they are repeated and ignored."""
    artifacts = event.get("artifacts")
    of_item = event["event"] == "item_finished"
    if not artifacts or (not of_item and "items" in state):
        return
    before = state.get("artifacts", ()) if of_item else ()
    state["artifact_count"] = (state.get("artifact_count", 0) if of_item else 0) + len(artifacts)
    state["artifacts"] = [*before, *artifacts][-KEPT:]
