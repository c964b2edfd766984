"""What is kept of a run's events: all but progress; and items with nothing to show only as sums.

A stream of ten thousand items through three nodes tells thirty thousand times that an item is done. Clients hear each;
of those that go into the database together, one record a node is kept (`items_finished`), unless there is a picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Event = dict[str, Any]


def to_keep(events: list[Event]) -> list[Event]:
    """What is to be written down of some events, in order: the list itself when all of it is."""
    if all(_is_kept(event) for event in events):
        return events
    kept: list[Event] = []
    sums: dict[str, Event] = {}
    for event in events:
        if _is_kept(event):
            kept.append(event)
        elif event["event"] == "node_progressed":
            continue
        elif (summed := sums.get(event["node"])) is None:
            sums[event["node"]] = _sum_of(event)
        else:
            summed["number"], summed["at"] = event["number"], event.get("at")
            summed["items"] += 1
            summed["reused"] += bool(event.get("reused"))
            summed["seconds"] += event.get("seconds", 0.0)
    if sums:
        kept = sorted([*kept, *sums.values()], key=lambda event: int(event["number"]))
    return kept


def _is_kept(event: Mapping[str, Any]) -> bool:
    kind = event["event"]
    return kind != "node_progressed" and (kind != "item_finished" or bool(event.get("artifacts")))


def _sum_of(event: Mapping[str, Any]) -> Event:
    return {
        "event": "items_finished",
        "run": event["run"],
        "number": event["number"],
        "node": event["node"],
        "items": 1,
        "reused": int(bool(event.get("reused"))),
        "seconds": event.get("seconds", 0.0),
        "at": event.get("at"),
    }
