"""What each node of a run is doing, folded from the run's events: what a client that missed the beginning is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

NodeState = dict[str, Any]


def fold(states: dict[str, NodeState], events: Iterable[Mapping[str, Any]]) -> None:
    """Bring `states` (node id -> state) up to date with some further events, in place."""
    for event in events:
        _fold_one(states, event)


def _fold_one(states: dict[str, NodeState], event: Mapping[str, Any]) -> None:
    node = event.get("node", "")
    match event["event"]:
        case "run_started":
            states.clear()
            states.update({node: {"state": "waiting"} for node in event["to_run"]})
            states.update({node: {"state": "reused"} for node in event["reused"]})
            states.update({node: {"state": "skipped"} for node in event["blocked"]})
        case "node_started":
            states[node] = {"state": "running"}
        case "node_progressed":
            states[node] = {"state": "running", "value": event["value"], "maximum": event["maximum"]}
        case "node_finished":
            states[node] = {"state": "finished", "seconds": event["seconds"], **_artifacts(event)}
        case "node_reused":
            states[node] = {"state": "reused", **_artifacts(event)}
        case "node_failed":
            states[node] = {"state": "failed", "problem": event["problem"]}
        case "node_skipped":
            states[node] = {"state": "skipped"}
        case "node_cancelled":
            states[node] = {"state": "cancelled"}


def _artifacts(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"artifacts": event["artifacts"]} if event["artifacts"] else {}


def running(states: Mapping[str, NodeState]) -> list[str]:
    """The nodes that are being called."""
    return [node for node, state in states.items() if state["state"] == "running"]
