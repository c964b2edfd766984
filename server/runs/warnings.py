"""Folds the warnings of a run from its events. The engine bounds the warnings of a node; here the number of nodes is
bounded: the first `KEPT` are held. The count includes all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.runs.run import Run

KEPT = 100


class RunWarnings:
    """Folds the events of one attempt into a run; each event has all warnings of a node."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._counts: dict[str, int] = {}

    def fold(self, event: Mapping[str, Any]) -> None:
        """Updates the run by one event."""
        run = self._run
        if event["event"] == "run_started":
            self._counts.clear()
            run.warnings, run.warning_count = {}, 0
        elif event["event"] == "node_warned":
            node = event["node"]
            count = len(event["warnings"]) + event["more"]
            run.warning_count += count - self._counts.get(node, 0)
            self._counts[node] = count
            if node in run.warnings or len(run.warnings) < KEPT:
                run.warnings[node] = event["warnings"]
