"""Which events are stored: those that a person would look for; of long streams only sums."""

from __future__ import annotations

from typing import Any

from server.runs.kept_events import to_keep


def event(number: int, kind: str, node: str = "1", **more: Any) -> dict[str, Any]:
    return {"event": kind, "run": "r", "number": number, "node": node, **more}


def test_where_everything_is_stored_nothing_is_copied() -> None:
    events = [event(1, "node_started"), event(2, "node_finished", seconds=1.0)]
    assert to_keep(events) is events


def test_progress_is_not_stored() -> None:
    assert to_keep([event(1, "node_progressed"), event(2, "node_finished")]) == [event(2, "node_finished")]
    assert to_keep([event(1, "node_progressed")]) == []


def test_items_are_stored_as_one_sum_of_each_node_with_the_number_of_the_last() -> None:
    items = [
        event(1, "item_finished", seconds=1.0, at=10.0),
        event(2, "item_finished", "2", seconds=5.0, reused=True, at=11.0),
        event(3, "item_finished", seconds=2.0, reused=True, at=12.0),
    ]
    assert to_keep(items) == [
        event(2, "items_finished", "2", items=1, reused=1, seconds=5.0, at=11.0),
        event(3, "items_finished", items=2, reused=1, seconds=3.0, at=12.0),
    ]


def test_an_item_with_a_picture_is_stored_as_it_is_in_its_place() -> None:
    shown = event(2, "item_finished", artifacts=[{"name": "a.png"}])
    found = to_keep([event(1, "item_finished"), shown, event(3, "item_finished"), event(4, "node_finished")])
    assert [(each["event"], each["number"]) for each in found] == [
        ("item_finished", 2), ("items_finished", 3), ("node_finished", 4),
    ]  # fmt: skip
    assert found[0] is shown
