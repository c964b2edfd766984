"""The black box has, for each run at work, the node that was called last and has not returned."""

from __future__ import annotations

from pathlib import Path

from commands.crash_note import CrashNote
from graph.base.errors import Problem
from graph.running import events
from server.workers.process import ProcessWorker


def test_each_run_has_its_own_node(tmp_path: Path) -> None:
    path = tmp_path / "black-box"
    crash_note, server = CrashNote(path), ProcessWorker([], crash_note=path)

    def noted() -> dict[str, str]:
        return server.read_crash_note()

    with crash_note.notes("one") as one:
        one(events.NodeStarted("one", 1, "1"))
        one(events.NodeStarted("one", 2, "a node of ours/3"))
        with crash_note.notes("two") as two:
            two(events.NodeStarted("two", 1, "1"))
            assert noted() == {"one": "a node of ours/3", "two": "1"}
            one(events.NodeFinished("one", 3, "a node of ours/3", 0.1))
            assert noted() == {"one": "1", "two": "1"}
            two(events.NodeFailed("two", 2, "1", Problem("x", "y")))
            assert noted() == {"one": "1"}
            two(events.NodeStarted("two", 3, "é" * 2000))
            assert set(noted()) == {"one", "two"}
        assert noted() == {"one": "1"}
    assert noted() == {}
    with crash_note.notes("three") as three:
        three(events.NodeStarted("three", 1, "9"))
        assert noted() == {"three": "9"}
