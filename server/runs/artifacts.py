"""Folds the artifacts of a run from its events, within bounds.

A stream may make any number of pictures, so of each node the newest `KEPT` are held, with a count of all; of inner
nodes those of the newest `KEPT` nodes. The events and the list of outputs have all artifacts.

The events of each attempt repeat the artifacts that an earlier attempt made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any

import msgspec

from graph.document.workflow import INSIDE
from server.runs.run import Run
from server.shapes.worker_messages import CompletedEffect

KEPT = 100


class RunArtifacts:
    """Folds the events of one attempt into a run.

    The event at the end of a node repeats the artifacts of its items, and those of the nodes that ran in its place.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._of_items: set[str] = set()
        self._containers: set[str] = set()

    def is_new(self, event: Mapping[str, Any]) -> bool:
        """Whether the artifacts of an event that was not folded yet are new, not repeated."""
        match event["event"]:
            case "node_finished":
                return event["node"] not in self._of_items and not self._contains_nodes(event["node"])
            case "item_finished":
                return not event.get("reused") and not self._contains_nodes(event["node"])
        return False

    def fold(self, event: Mapping[str, Any]) -> None:
        """Updates the run by one event."""
        if event["event"] == "run_started":
            self._of_items.clear()
            self._containers.clear()
        artifacts = event.get("artifacts")
        if not artifacts:
            return
        run, node = self._run, event["node"]
        if self._contains_nodes(node):
            self._containers.add(node)
            for inner in self._inner_nodes(node):
                self._forget(inner)
        continues = node in self._of_items
        if event["event"] == "item_finished":
            self._of_items.add(node)
        elif continues:
            return
        run.artifacts[node] = [*(run.artifacts.get(node, ()) if continues else ()), *artifacts][-KEPT:]
        run.artifact_counts[node] = (run.artifact_counts.get(node, 0) if continues else 0) + len(artifacts)
        if INSIDE in node:
            self._drop_old_iterations()

    def _drop_old_iterations(self) -> None:
        """Drops the oldest inner nodes: a loop has any number of them, and repeats their artifacts at its end."""
        inner = [node for node in self._run.artifacts if INSIDE in node]
        for node in inner[: max(0, len(inner) - KEPT)]:
            self._containers.update(accumulate(node.split(INSIDE)[:-1], lambda path, part: path + INSIDE + part))
            self._forget(node)

    def _forget(self, node: str) -> None:
        del self._run.artifacts[node], self._run.artifact_counts[node]
        self._of_items.discard(node)

    def _contains_nodes(self, node: str) -> bool:
        """Whether other nodes ran in a node's place and reported artifacts."""
        return node in self._containers or bool(self._inner_nodes(node))

    def _inner_nodes(self, node: str) -> list[str]:
        """The inner nodes of a node whose artifacts are held."""
        return [inner for inner in self._run.artifacts if inner.startswith(node + INSIDE)]


def completed_effects(events: Iterable[Mapping[str, Any]]) -> list[CompletedEffect]:
    """Returns the side effects of earlier attempts: new artifacts, and the keys under which to cache them."""
    found = (
        _completed(event)
        for event in events
        if event["event"] in ("node_finished", "item_finished") and event.get("keys") and not event.get("reused")
    )
    return [effect for effect in found if effect is not None]


def _completed(event: Mapping[str, Any]) -> CompletedEffect | None:
    """Returns the side effect that a stored event reports, or None if the event is damaged."""
    facts = {name: event.get(name) for name in ("node", "keys", "artifacts")}
    try:
        return msgspec.json.decode(msgspec.json.encode(facts), type=CompletedEffect)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return None
