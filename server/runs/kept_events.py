"""Selects the events to store: all except progress; items without artifacts only as sums.

A stream of ten thousand items through three nodes reports thirty thousand finished items. Clients receive each; of
those that are stored together, the database gets one record for each node (`items_finished`), unless an item has a
picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Event = dict[str, Any]


def to_keep(events: list[Event]) -> list[Event]:
    """Returns the events to store, in order; the list itself if all are."""
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
