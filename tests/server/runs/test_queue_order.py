"""The order of the queue: every change is stored and told, and one that cannot be stored changes nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.hub import Hub
from server.runs import store, tables
from server.runs.queue_order import MOST_PROBLEMS, QueueOrder
from server.runs.run import Run
from server.storage.database import Database
from tests.support.runs_at_work import Deaths, events, order, run_of, submit, until
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker


@asynchronous
async def test_after_a_kill_of_the_server_both_are_first_in_their_order_and_know_what_they_made(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    picture = {"folder": "output", "name": "a.png", "media": "image/png"}
    async with serving(tmp_path, worker) as (client, services):
        a, b, c = await submit(client, 3)
        await client.post(f"/api/v1/runs/{c}/move", json={"position": 0})
        await until(lambda: worker.jobs)
        worker.say(type="draining", run=a)
        await until(lambda: len(worker.jobs) == 2)
        events(worker, a, [("run_started", "")])
        told = {"event": "node_finished", "run": a, "node": "2", "keys": ["aa"], "seconds": 0.1, "artifacts": [picture]}
        worker.say(type="events", run=a, events=[{**told, "number": 2}])
        await until(lambda: services.dispatcher.attempts[a].run.last_number == 2)
        await services.database.do(lambda _: None)
        killed = tmp_path / "killed"
        killed.mkdir()
        with closing(sqlite3.connect(tmp_path / "jacquard.sqlite3")) as as_it_is:
            as_it_is.execute("VACUUM INTO ?", [str(killed / "jacquard.sqlite3")])
    workers = Deaths()
    async with serving(killed, workers) as (client, services):
        await until(lambda: workers.made and workers.worker.jobs)
        assert order(services) == [a, c, b]
        (job,) = workers.worker.jobs
        assert [done.keys for done in job.done] == [["aa"]]
        again = await run_of(client, a)
        assert again["artifacts"]["2"][0]["name"] == "a.png"
        assert services.dispatcher.attempts[a].run.last_number == 2


class Queue:
    """A queue over a database, and how often it said that its order changed."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(folder / "x.sqlite3", tables.SCHEMA, tables.VERSION)
        self.order = QueueOrder(self.database, Hub())
        self.changes: list[list[str]] = []
        self.order.changed.connect(lambda: self.changes.append([*self.order.run_ids]))

    async def add(self, *runs: Run) -> None:
        for run in runs:
            await self.database.do(lambda db, run=run: store.insert(db, run, None, "", {}, "{}"))
            self.order.add(run)

    async def refuse_changes(self) -> None:
        statement = "CREATE TRIGGER no BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'no'); END"
        await self.database.do(lambda db: db.execute(statement).fetchall())

    async def stored(self) -> list[str]:
        return [run.id for run in await self.database.do(store.unfinished)]


@pytest.fixture
def make_queue(tmp_path: Path) -> Iterator[Callable[[], Queue]]:
    """Makes queues over the same database, which are closed after the test."""
    made: list[Queue] = []

    def make() -> Queue:
        for queue in made:
            queue.database.close()
        made.append(Queue(tmp_path))
        return made[-1]

    yield make
    for queue in made:
        queue.database.close()


MakeQueue = Callable[[], Queue]


@asynchronous
async def test_runs_are_taken_from_the_front_and_put_back_there(make_queue: MakeQueue) -> None:
    queue = make_queue()
    a, b, c = Run("a"), Run("b"), Run("c")
    assert queue.order.first is None
    await queue.add(a, b, c)
    assert [queue.order.describe(run).position for run in (a, b, c)] == [0, 1, 2]
    assert queue.order.take_first() is a
    assert (queue.order.first, queue.order.describe(a).position) == (b, None)
    a.status, a.draining = "running", True
    queue.order.requeue(a)
    assert (queue.order.run_ids, a.status, a.draining) == (["a", "b", "c"], "queued", False)
    queue.order.take(b)
    assert queue.order.run_ids == ["a", "c"]
    assert queue.changes == [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"]]


@pytest.mark.parametrize(
    ("position", "after"),
    [(-(10**30), ["c", "a", "b"]), (1, ["a", "c", "b"]), (99, ["a", "b", "c"]), (10**9, ["a", "b", "c"])],
)
@asynchronous
async def test_a_move_is_held_within_the_queue_and_is_stored(
    make_queue: MakeQueue, position: int, after: list[str]
) -> None:
    queue = make_queue()
    runs = [Run(name) for name in "abc"]
    await queue.add(*runs)
    await queue.order.move(runs[2], position)
    assert queue.order.run_ids == await queue.stored() == queue.changes[-1] == after


@asynchronous
async def test_a_move_or_cancel_that_cannot_be_stored_changes_nothing(make_queue: MakeQueue) -> None:
    queue = make_queue()
    runs = [Run(name) for name in "abc"]
    await queue.add(*runs)
    await queue.refuse_changes()
    for work in (queue.order.move(runs[2], 0), queue.order.cancel(runs[1])):
        with pytest.raises(sqlite3.Error, match="no"):
            await work
    assert queue.order.run_ids == await queue.stored() == ["a", "b", "c"]
    assert (runs[1].status, runs[1].finished, len(queue.order.recent)) == ("queued", None, 0)
    assert len(queue.changes) == 3


@asynchronous
async def test_an_end_keeps_the_first_problems_with_the_number_of_all(make_queue: MakeQueue) -> None:
    queue = make_queue()
    a, b = Run("a"), Run("b")
    await queue.add(a, b)
    problems = [{"code": "x", "message": str(number)} for number in range(MOST_PROBLEMS + 1)]
    a.cancelling = a.draining = True
    for run in (a, b):
        queue.order.take(run)
    assert await queue.order.end(a, "failed", problems)
    assert await queue.order.end(b, "finished", (), 0)
    kept = await queue.database.do(lambda db: store.get(db, "a"))
    assert kept is not None
    for run in (a, kept):
        assert (run.problems, run.problem_count) == (problems[:-1], len(problems))
        assert (run.status, run.cancelling, run.draining) == ("failed", False, False)
    assert [run.id for run in queue.order.recent] == ["b", "a"]
    assert queue.order.unwritten == {}
    queue.order.forget("a")
    assert [run.id for run in queue.order.recent] == ["b"]


@asynchronous
async def test_the_next_server_begins_with_what_was_running_and_ends_what_it_cannot_do(make_queue: MakeQueue) -> None:
    queue = make_queue()
    running = Run("running", status="running", started=2.0, attempt=1)
    await queue.add(
        Run("queued"), Run("damaged"), Run("ended", status="finished"), running,
        Run("cancelled", status="running", started=1.0, attempt=1, cancelling=True),
    )  # fmt: skip
    made = {"event": "node_finished", "number": 4, "node": "1", "seconds": 0.1,
            "artifacts": [{"folder": "output", "name": "a.png", "media": "image/png"}]}  # fmt: skip
    batch = json.dumps([made])
    await queue.database.do(lambda db: store.add_events(db, "running", 4, batch))
    await queue.database.do(lambda db: db.execute("UPDATE runs SET targets = '{' WHERE id = 'damaged'").fetchall())
    after = make_queue()
    await after.order.open()
    assert after.order.run_ids == await after.stored() == ["running", "queued"]
    again = after.order.queued["running"]
    assert (again.status, again.attempt, again.last_number) == ("queued", 1, 4)
    assert [made["name"] for made in again.artifacts["1"]] == ["a.png"]
    found = {run.id: (run.status, [problem["code"] for problem in run.problems]) for run in after.order.recent}
    assert found == {"ended": ("finished", []), "cancelled": ("cancelled", []), "damaged": ("failed", ["damaged"])}
