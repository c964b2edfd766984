"""What clients can do with runs: each is submitted once, read wherever it is, and refused with a reason."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from server.errors import ApiError
from server.runs.run_queue import RunQueue
from server.services import Services
from server.shapes.runs import Submitted
from tests.support.runs_at_work import NODES, until
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker


async def submitted(queue: RunQueue, **more: Any) -> Submitted:
    body = json.dumps({"workflow": {"jacquard": 1, "nodes": NODES}, **more}).encode()
    return await queue.submit(await queue.examine(body))


async def three_runs(services: Services, worker: ToyWorker) -> list[str]:
    """Three runs, of which the first is at work."""
    ids = [(await submitted(services.queue)).run.id for _ in range(3)]
    await until(lambda: worker.jobs)
    return ids


async def refusal_of(work: Any) -> tuple[int, str]:
    with pytest.raises(ApiError) as refused:
        await work
    return refused.value.status, refused.value.code


@asynchronous
async def test_a_request_that_is_sent_again_under_its_key_has_the_same_run(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (_, services):
        queue = services.queue
        at_once = await asyncio.gather(*(submitted(queue, key="k") for _ in range(3)))
        later = await submitted(queue, key="k")
        assert len({answer.run.id for answer in (*at_once, later)}) == 1
        assert await refusal_of(submitted(queue, key="k", client="other")) == (409, "key_in_use")
        without = {(await submitted(queue)).run.id for _ in range(2)}
        assert len(without) == 2
        assert len((await queue.find(["queued", "running"], 10, None)).runs) == 3


@asynchronous
async def test_a_document_with_problems_becomes_no_run(tmp_path: Path) -> None:
    async with serving(tmp_path, ToyWorker()) as (_, services):
        body = json.dumps({"workflow": {"jacquard": 1, "nodes": {"1": {"type": ""}}}}).encode()
        examined = await services.queue.examine(body)
        assert examined.prepared is None
        with pytest.raises(ApiError) as refused:
            await services.queue.submit(examined)
        assert (refused.value.status, refused.value.problem_count) == (422, examined.problem_count)
        assert refused.value.problems == examined.problems != []
        assert (await services.queue.find(["queued", "running", "finished"], 10, None)).runs == []


@asynchronous
async def test_only_a_queued_run_is_moved_and_only_one_that_has_ended_is_deleted(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (_, services):
        queue = services.queue
        a, b, c = await three_runs(services, worker)
        assert (await queue.move(c, 0)).position == 0
        assert services.queue_order.run_ids == [c, b]
        assert await refusal_of(queue.move(a, 0)) == (409, "not_queued")
        for run in (a, b):
            assert await refusal_of(queue.forget(run)) == (409, "not_ended")
        assert (await queue.cancel(b)).status == "cancelled"
        assert (await queue.cancel(b)).status == "cancelled"
        assert services.queue_order.run_ids == [c]
        await queue.forget(b)
        for work in (queue.describe(b), queue.forget(b), queue.cancel(b), queue.move(b, 0), queue.workflow(b)):
            assert await refusal_of(work) == (404, "not_found")
        assert (await queue.cancel(a)).cancelling
        assert worker.cancelled == [a]


@asynchronous
async def test_pages_go_from_the_queue_over_what_is_at_work_to_the_end_of_all_runs(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (_, services):
        ids = [(await submitted(services.queue)).run.id for _ in range(6)]
        for number, run in enumerate(ids[:3]):
            await until(lambda number=number: len(worker.jobs) > number)
            worker.finish(run)
        await until(lambda: len(worker.jobs) == 4)
        expected = [ids[4], ids[5], ids[3], *ids[2::-1]]
        statuses = ["queued", "running", "finished"]
        for limit in (1, 2, 4, 6):
            found: list[str] = []
            before: str | None = None
            while True:
                page = await services.queue.find(statuses, limit, before)
                assert len(page.runs) <= limit
                found += [run.id for run in page.runs]
                if (before := page.next) is None:
                    break
            assert found == expected, limit
        after = await services.queue.find(statuses, 10, ids[5])
        assert [run.id for run in after.runs] == expected[2:]
        assert [run.id for run in (await services.queue.find(["running"], 10, None)).runs] == [ids[3]]
        assert await refusal_of(services.queue.find(statuses, 10, "nothing")) == (404, "not_found")


@asynchronous
async def test_what_is_told_of_a_run_is_the_same_while_it_works_and_after_its_end(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (_, services):
        queue = services.queue
        run = (await submitted(queue)).run.id
        await until(lambda: worker.jobs)
        told = [
            {"event": "run_started", "number": 1, "to_run": ["1", "2"]},
            {"event": "node_started", "number": 2, "node": "1"},
            {"event": "node_finished", "number": 3, "node": "1", "artifacts": []},
        ]
        worker.say(type="events", run=run, events=told)
        await until(lambda: services.dispatcher.attempts[run].run.last_number == 3)
        states = {node: state["state"] for node, state in (await queue.nodes(run)).items()}
        worker.finish(run)
        await until(lambda: run not in services.dispatcher.attempts)
        assert {node: state["state"] for node, state in (await queue.nodes(run)).items()} == states
        assert states["1"] == "finished"
        page = json.loads(await queue.events(run, 0, 2))
        assert ([event["number"] for event in page["events"]], page["next"]) == ([1, 2], 2)
        rest = json.loads(await queue.events(run, page["next"], 2))
        assert ([event["number"] for event in rest["events"]], rest["next"]) == ([3], None)
        assert json.loads(await queue.workflow(run)) == {"jacquard": 1, "nodes": NODES}
        explained = json.loads(await queue.explanation(run, 0, 10, "1"))
        assert [(node["node"], node["did"]) for node in explained["nodes"]] == [("1", "ran")]
        for work in (queue.events("nothing", 0, 1), queue.explanation("nothing", 0, 1, None)):
            assert await refusal_of(work) == (404, "not_found")
