"""Why a worker ended, in a word for programs and a sentence for people."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.workers import failures
from server.workers.failures import explain, memory_kills
from server.workers.suspects import ActiveCall
from server.workers.worker import WorkerExit


@pytest.mark.parametrize(
    ("ending", "killed", "kills", "cause", "words"),
    [
        (WorkerExit(-9), "", 0, "signal", "was killed (SIGKILL) while node 5 (KSampler) ran."),
        (WorkerExit(-9), "", 1, "out_of_memory", "memory ran out"),
        (WorkerExit(-9), "was too slow", 1, "unresponsive", "was too slow"),
        (WorkerExit(-11), "", 0, "signal", "SIGSEGV"),
        (WorkerExit(-64), "", 0, "signal", "was ended"),
        (WorkerExit(1, "Traceback\nValueError: no"), "", 0, "exit", "exited with code 1: ValueError: no"),
        (WorkerExit(0, "", "not JSON"), "", 0, "protocol", "not JSON"),
    ],
)
def test_a_death_is_explained(ending: WorkerExit, killed: str, kills: int, cause: str, words: str) -> None:
    failure = explain(ending, killed, kills, [ActiveCall("run", "5", "KSampler")])
    assert failure.cause == cause
    assert words in failure.message


def test_the_first_suspect_is_the_failures_and_its_message_names_all_nodes() -> None:
    suspects = [ActiveCall("one", "5", "KSampler"), ActiveCall("two", "9", "SaveImage")]
    failure = explain(WorkerExit(-9), "", 0, suspects)
    assert (failure.run, failure.node) == ("one", "5")
    assert failure.message.endswith("while node 5 (KSampler) and node 9 (SaveImage) ran.")


def test_where_no_node_is_known_a_run_is_and_without_one_nothing_is_said() -> None:
    assert (
        explain(WorkerExit(-9), "", 0, [ActiveCall("one")]).message == "The worker was killed (SIGKILL) during a run."
    )
    assert explain(WorkerExit(-9), "", 0, []).message == "The worker was killed (SIGKILL)."


def test_a_pack_that_was_being_imported_is_named() -> None:
    assert explain(WorkerExit(1), "", 0, [], "blur").message.endswith("while pack blur was imported.")


def test_only_the_end_of_what_it_wrote_is_kept() -> None:
    failure = explain(WorkerExit(1, "x" * 10_000 + "\nthe end\n"), "", 0, [])
    assert len(failure.details) == 4000
    assert failure.message == "The worker exited with code 1: the end."


def test_what_the_kernel_counts_is_read_and_nothing_is_counted_where_it_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = {"/proc/vmstat": "pgfault 7\noom_kill 3\n", "/sys/fs/cgroup/memory.events": "oom 9\noom_kill 2\n"}
    monkeypatch.setattr(failures, "Path", lambda name: write(tmp_path, counted.pop(name)))
    assert memory_kills() == 5
    monkeypatch.setattr(failures, "Path", lambda _: tmp_path / "gone")
    assert memory_kills() == 0


def write(folder: Path, text: str) -> Path:
    file = folder / "counters"
    file.write_text(text)
    return file
