"""The worker is told which runs come next, whenever that is something new."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.runs import prefetch
from tests.support.runs_at_work import Deaths, submit, until
from tests.support.serving import asynchronous
from tests.support.toy_server import serving
from tests.support.toy_worker import ToyWorker


@asynchronous
async def test_the_next_three_are_told_after_each_change_of_the_queue(tmp_path: Path) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, _):
        a, b, c, d, e, f = await submit(client, 6)
        await until(lambda: worker.expected[-1:] == [[b, c, d]])
        await client.post(f"/api/v1/runs/{f}/move", json={"position": 0})
        await until(lambda: worker.expected[-1:] == [[f, b, c]])
        await client.post(f"/api/v1/runs/{b}/cancel")
        await until(lambda: worker.expected[-1:] == [[f, c, d]])
        await client.post(f"/api/v1/runs/{e}/cancel")  # it was not among the next
        worker.finish(a)
        await until(lambda: worker.expected[-1:] == [[c, d]])


@asynchronous
async def test_a_new_worker_is_told_anew(tmp_path: Path) -> None:
    workers = Deaths()
    async with serving(tmp_path, workers) as (client, _):
        a, b = await submit(client, 2)
        await until(lambda: workers.made and workers.worker.expected == [[b]])
        await workers.die(**{a: "1"})
        await until(lambda: workers.worker.expected[-1:] == [[b]])


@asynchronous
async def test_a_document_that_is_very_long_is_not_told_before_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = ToyWorker(quick=False)
    async with serving(tmp_path, worker) as (client, _):
        a, b, c = await submit(client, 3)
        await until(lambda: worker.expected == [[b, c]])
        monkeypatch.setattr(prefetch, "LONGEST_DOCUMENT", 10)
        (d,) = await submit(client, 1)
        worker.finish(a)
        await until(lambda: [job.run for job in worker.jobs] == [a, b])
        await until(lambda: worker.expected[1:] == [[c]])  # it was read before
        worker.finish(b)
        await until(lambda: [job.run for job in worker.jobs] == [a, b, c])
        await until(lambda: worker.expected[2:] == [[]])
        worker.finish(c)
        await until(lambda: [job.run for job in worker.jobs] == [a, b, c, d])
