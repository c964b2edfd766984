"""Explains what each node of a run did and why, from the stored events of the run, during the run and after it.

An entry describes a node of the document. Nodes that ran inside it (a sub-workflow, a loop) are listed in the entry, up
to `MOST_INNER`. A node without events of its own did what its inner nodes did.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from server.runs import node_states, store
from server.runs.node_lookup import node_type, visible
from server.shapes.encoding import encode
from server.shapes.explanations import InnerExplanation, NodeExplanation, NodeOutcome, RunExplanation
from server.shapes.runs import RunStatus

MOST_INNER = 100
_DID: Mapping[str, NodeOutcome] = {"finished": "ran"}
_FIRST_OF_INNER: tuple[NodeOutcome, ...] = ("failed", "running", "cancelled", "ran", "waiting", "skipped", "reused")
_COUNTS = ("items", "items_reused", "items_failed")


@dataclass(slots=True)
class Explanation:
    """The facts about nodes, folded from the events of the last attempt."""

    known: bool = False
    """Whether the run began and its events are still stored."""
    seconds: float | None = None
    states: dict[str, node_states.NodeState] = field(default_factory=dict)
    why: dict[str, dict[str, Any]] = field(default_factory=dict)
    inner: dict[str, list[str]] = field(default_factory=dict)


def explain(events: Iterable[Mapping[str, Any]]) -> Explanation:
    """Folds the events of a run into an explanation."""
    found = Explanation()
    for event in events:
        match event["event"]:
            case "run_started":
                found.known, found.seconds = True, None
                found.why.clear()
            case "run_finished":
                found.seconds = event["seconds"]
            case "node_started" if event.get("reason"):
                found.why[event["node"]] = {"reason": event["reason"]}
            case "node_reused" if event.get("how"):
                found.why[event["node"]] = {"how": event["how"]}
            case "node_skipped":
                found.why[event["node"]] = {"because": event["because"]}
        node_states.fold(found.states, (event,))
    for node in found.states:
        inner = found.inner.setdefault(visible(node), [])
        if "/" in node:
            inner.append(node)
    return found


def as_json(
    run: str, status: RunStatus, batches: Iterable[str], document: str, offset: int, limit: int, node: str | None
) -> bytes:
    """Returns the explanation of a page of nodes as JSON, from the stored texts of the events and the document."""
    found = explain(store.events_in(batches))
    return encode(describe(run, status, found, json.loads(document or "{}"), offset, limit, node))


def describe(
    run: str,
    status: RunStatus,
    found: Explanation,
    document: Mapping[str, Any],
    offset: int,
    limit: int,
    node: str | None = None,
) -> RunExplanation:
    """Describes one node, or a page of nodes in the order of the run: those to run before those that are reused."""
    wanted = found.inner if node is None else [visible(node)] if visible(node) in found.inner else []
    end = offset + limit
    return RunExplanation(
        run=run,
        status=status,
        known=found.known,
        seconds=found.seconds,
        node_count=len(found.inner),
        totals=dict(Counter(_did(found, name) for name in found.inner)),
        nodes=[_entry(found, name, document) for name in islice(wanted, offset, end)],
        next=end if end < len(wanted) else None,
    )


def _entry(found: Explanation, node: str, document: Mapping[str, Any]) -> NodeExplanation:
    entry = NodeExplanation(**_facts(found, node, document))
    if inner := found.inner[node]:
        entry.inner_count = len(inner)
        entry.inner = [InnerExplanation(**_facts(found, path, document)) for path in inner[:MOST_INNER]]
        if node not in found.states:
            entry.seconds = sum(found.states[path].get("seconds") or 0.0 for path in inner)
    return entry


def _facts(found: Explanation, node: str, document: Mapping[str, Any]) -> dict[str, Any]:
    state = found.states.get(node, {})
    facts = {"node": node, "type": node_type(document, node), "did": _did(found, node), **found.why.get(node, {})}
    for name in ("seconds", "problem", "warnings", "more_warnings", *_COUNTS):
        if name in state:
            facts[name] = state[name]
    if problems := state.get("problems"):
        facts.setdefault("problem", problems[0]["problem"])
    return facts


def _did(found: Explanation, node: str) -> NodeOutcome:
    state = found.states.get(node)
    if state is not None:
        did: NodeOutcome = _DID.get(state["state"], state["state"])
        return did
    inner = {_did(found, name) for name in found.inner[node]}
    return next(did for did in _FIRST_OF_INNER if did in inner)
