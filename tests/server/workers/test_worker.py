"""The interface of a worker: whatever is one does all of it, in the same way; a run is over in four states."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError
from typing import get_args

import pytest

from server.shapes.runs import RunStatus
from server.workers.process import ProcessWorker
from server.workers.worker import ENDED, Job, Worker, WorkerExit
from tests.support.toy_worker import ToyWorker

METHODS = sorted(name for name, value in vars(Worker).items() if inspect.isfunction(value) and name[0] != "_")


def test_a_worker_does_all_that_the_server_asks_for() -> None:
    assert METHODS == ["cancel", "ending", "expect", "kill", "messages", "start", "stop", "submit"]


@pytest.mark.parametrize("kind", [ProcessWorker, ToyWorker])
@pytest.mark.parametrize("name", METHODS)
def test_each_kind_of_worker_is_called_in_the_same_way(kind: type[Worker], name: str) -> None:
    declared, found = (inspect.signature(getattr(one, name)) for one in (Worker, kind))
    assert [*found.parameters] == [*declared.parameters]
    if name != "messages":
        assert inspect.iscoroutinefunction(getattr(kind, name)) == inspect.iscoroutinefunction(getattr(Worker, name))


def test_a_run_is_over_in_every_state_but_two() -> None:
    assert set(get_args(RunStatus)) - ENDED == {"queued", "running"}


def test_a_job_asks_for_all_nodes_and_has_nothing_done_unless_it_says_so() -> None:
    job = Job("a", "{}")
    assert (job.targets, list(job.done)) == (None, [])
    with pytest.raises(FrozenInstanceError):
        job.run = "b"  # type: ignore[misc]


def test_an_end_of_which_nothing_is_known_blames_nobody() -> None:
    ended = WorkerExit(-9)
    assert (ended.stderr_tail, ended.broken_frame, dict(ended.calling)) == ("", "", {})
