"""What the nodes of a run warned of: the first nodes' warnings, and the count of all."""

from __future__ import annotations

from typing import Any

from server.runs.run import Run
from server.runs.warnings import KEPT, RunWarnings


def warned(node: str, *messages: str, more: int = 0) -> dict[str, Any]:
    return {"event": "node_warned", "node": node, "warnings": [{"message": each} for each in messages], "more": more}


def folded(*events: dict[str, Any]) -> Run:
    run = Run("r")
    warnings = RunWarnings(run)
    for event in events:
        warnings.fold(event)
    return run


def test_each_event_has_all_warnings_of_its_node() -> None:
    run = folded(warned("1", "a"), warned("2", "b", more=3), warned("1", "a", "c"))
    assert {node: [each["message"] for each in some] for node, some in run.warnings.items()} == {
        "1": ["a", "c"], "2": ["b"],
    }  # fmt: skip
    assert run.warning_count == 6


def test_of_very_many_nodes_the_first_are_held_and_all_are_counted() -> None:
    run = folded(*(warned(str(number), "a") for number in range(KEPT + 5)), warned("0", "a", "b"))
    assert list(run.warnings) == [str(number) for number in range(KEPT)]
    assert len(run.warnings["0"]) == 2, "those that are held go on"
    assert run.warning_count == KEPT + 6


def test_another_attempt_begins_anew() -> None:
    run = folded(warned("1", "a", more=9), {"event": "run_started"}, warned("2", "b"))
    assert (list(run.warnings), run.warning_count) == (["2"], 1)


def test_other_events_change_nothing() -> None:
    assert folded({"event": "node_started", "node": "1"}).warning_count == 0
