"""Events as JSON-ready data."""

import json
from dataclasses import FrozenInstanceError

import pytest

from graph.base.errors import Problem
from graph.caching.call_history import Reason
from graph.node_types.context import Artifact
from graph.running import events


@pytest.mark.parametrize(
    ("event", "described"),
    [
        (
            events.RunStarted("r", 1, ("k",), ("a", "k"), (), ()),
            {"event": "run_started", "targets": ["k"], "to_run": ["a", "k"], "reused": [], "blocked": []},
        ),
        (
            events.NodeStarted("r", 1, "a", Reason("new", "no such node ran before")),
            {
                "event": "node_started",
                "node": "a",
                "reason": {"code": "new", "message": "no such node ran before"},
            },
        ),
        (
            events.NodeProgressed("r", 1, "a", 2, 20, b"12345"),
            {"event": "node_progressed", "node": "a", "value": 2, "maximum": 20, "preview": {"bytes": 5}},
        ),
        (
            events.NodeFinished("r", 1, "a", 0.5, (Artifact("output", "a.png", label="level 3"),)),
            {
                "event": "node_finished",
                "node": "a",
                "seconds": 0.5,
                "artifacts": [{"folder": "output", "name": "a.png", "media": "image/png", "label": "level 3"}],
            },
        ),
        (events.NodeReused("r", 1, "a"), {"event": "node_reused", "node": "a", "artifacts": [], "how": "remembered"}),
        (
            events.ItemFinished("r", 1, "a", (3, 0), 0.5, (), True),
            {"event": "item_finished", "node": "a", "item": [3, 0], "seconds": 0.5, "artifacts": [], "reused": True},
        ),
        (
            events.ItemFinished("r", 1, "a", (3,), 0.5, (Artifact("output", "a.png"),), keys=("c0ffee",)),
            {
                "event": "item_finished",
                "node": "a",
                "item": [3],
                "seconds": 0.5,
                "artifacts": [{"folder": "output", "name": "a.png", "media": "image/png"}],
                "reused": False,
                "keys": ["c0ffee"],
            },
        ),
        (events.RunDraining("r", 1), {"event": "run_draining"}),
        (
            events.NodeFailed("r", 1, "a", Problem("node_failed", "torn", "a", remedy="mend")),
            {
                "event": "node_failed",
                "node": "a",
                "problem": {"code": "node_failed", "message": "torn", "node": "a", "remedy": "mend"},
                "traceback": "",
            },
        ),
        (events.NodeSkipped("r", 1, "b", "a"), {"event": "node_skipped", "node": "b", "because": "a"}),
        (events.NodeCancelled("r", 1, "a"), {"event": "node_cancelled", "node": "a"}),
        (events.RunFinished("r", 1, "failed", 2.5), {"event": "run_finished", "status": "failed", "seconds": 2.5}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, events.Event) else "",
)
def test_an_event_is_json(event, described):
    assert json.loads(json.dumps(event.as_json())) == {"run": "r", "number": 1, **described}


def test_events_are_frozen():
    with pytest.raises(FrozenInstanceError):
        events.NodeStarted("r", 1, "a").number = 2
