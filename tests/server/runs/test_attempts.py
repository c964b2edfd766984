"""Which attempts are under way: who may begin beside them, and which calls they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.files.folders import Files
from server.hub import Hub
from server.runs import tables
from server.runs.attempt import RunAttempt
from server.runs.attempts import Attempts
from server.runs.run import Run
from server.storage.database import Database
from server.workers.suspects import ActiveCall

DOCUMENT = '{"jacquard":1,"nodes":{"1":{"type":"Blur"}}}'


def under_way(folder: Path, *runs: Run) -> Attempts:
    database = Database(folder / "x.sqlite3", tables.SCHEMA, tables.VERSION)
    database.close()
    attempts = Attempts()
    for run in runs:
        attempt = attempts[run.id] = RunAttempt(run, database, Hub(), Files())
        attempt.document, attempt.submitted = DOCUMENT, True
    return attempts


FAILED_BEFORE = [{"cause": "signal"}]


@pytest.mark.parametrize(
    ("at_work", "next_run", "may_begin"),
    [
        ([], Run("n"), True),
        ([], Run("n", failures=FAILED_BEFORE), True),
        ([Run("a")], Run("n"), False),
        ([Run("a", draining=True)], Run("n"), True),
        ([Run("a", draining=True)], Run("n", failures=FAILED_BEFORE), False),
        ([Run("a", draining=True, failures=FAILED_BEFORE)], Run("n"), False),
        ([Run("a", draining=True), Run("b", draining=True)], Run("n"), False),
    ],
)
def test_a_run_begins_alone_or_beside_one_that_only_saves(
    tmp_path: Path, at_work: list[Run], next_run: Run, may_begin: bool
) -> None:
    assert under_way(tmp_path, *at_work).have_room_for(next_run) is may_begin


def test_an_attempt_whose_end_is_being_stored_is_neither_active_nor_current(tmp_path: Path) -> None:
    attempts = under_way(tmp_path, Run("a"), Run("b"))
    attempts["a"].ending = True
    assert [attempt.run.id for attempt in attempts.active()] == ["b"]
    assert not attempts.is_current(attempts["a"])
    assert attempts.is_current(attempts["b"])
    before = attempts["b"]
    attempts["b"] = under_way(tmp_path, Run("b"))["b"]
    assert not attempts.is_current(before)


def test_the_node_that_the_worker_noted_is_named_with_its_type_and_else_what_the_events_say(tmp_path: Path) -> None:
    attempts = under_way(tmp_path, Run("a"), Run("b", draining=True), Run("c"))
    attempts["c"].submitted = False
    attempts["a"].states["1"] = {"state": "running"}
    assert attempts.active_calls({"b": "1"}) == [ActiveCall("a"), ActiveCall("b", "1", "Blur", draining=True)]
    assert attempts.active_calls({}) == [ActiveCall("a", "1", "Blur"), ActiveCall("b", draining=True)]
