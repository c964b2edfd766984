"""How attempts end: a death of the worker puts runs back in their order, and is charged to who was called."""

from __future__ import annotations

from pathlib import Path

from tests.support.runs_at_work import Deaths, order, run_of, submit, two_at_work, until
from tests.support.serving import asynchronous
from tests.support.toy_server import serving


@asynchronous
async def test_a_death_puts_both_back_in_their_order(tmp_path: Path) -> None:
    workers = Deaths()
    async with serving(tmp_path, workers) as (client, services):
        await until(lambda: workers.made)
        runs = await two_at_work(client, workers.worker)
        await workers.die(**{runs[1]: "1"})
        assert order(services) == runs
        assert [job.run for job in workers.worker.jobs] == [runs[0]]


@asynchronous
async def test_only_the_run_whose_node_was_called_has_cost_a_worker(tmp_path: Path) -> None:
    workers = Deaths()
    async with serving(tmp_path, workers) as (client, services):
        await until(lambda: workers.made)
        a, b, _ = await two_at_work(client, workers.worker)
        await workers.die(**{b: "1"})
        told = services.queue_order.queued[b]
        assert (told.deaths, [failure["node"] for failure in told.failures]) == (1, ["1"])
        assert (await run_of(client, a))["failures"] == []
        state = services.supervisor.state
        assert state.last_failure is not None
        assert (state.last_failure.run, state.last_failure.node) == (b, "1")


@asynchronous
async def test_when_both_may_be_to_blame_neither_is_charged_and_both_are_done_alone(tmp_path: Path) -> None:
    workers = Deaths()
    async with serving(tmp_path, workers) as (client, services):
        await until(lambda: workers.made)
        a, b, c = await two_at_work(client, workers.worker)
        await workers.die(**{a: "2", b: "1"})
        both = [services.dispatcher.attempts[a].run, services.queue_order.queued[b]]
        assert [(run.deaths, [failure["node"] for failure in run.failures]) for run in both] == [(0, ["2"]), (0, ["1"])]
        workers.worker.say(type="draining", run=a)
        await until(lambda: both[0].draining)
        assert list(services.dispatcher.attempts) == [a]
        await client.post(f"/api/v1/runs/{c}/move", json={"position": 0})
        workers.worker.finish(a)
        await until(lambda: len(workers.worker.jobs) == 2)
        workers.worker.say(type="draining", run=c)
        await until(lambda: services.dispatcher.attempts[c].run.draining)
        assert list(services.queue_order.queued) == [b]
        # The one that is to blame is found out, for it is alone, and fails after its third worker.
        workers.worker.finish(c)
        (d,) = await submit(client, 1)
        await until(lambda: len(workers.worker.jobs) == 3)
        for _ in range(3):
            await workers.die(**{b: "1"})
        assert [job.run for job in workers.worker.jobs] == [d]
        await until(lambda: b not in services.dispatcher.attempts)
        ended = await run_of(client, b)
        assert (ended["status"], ended["problems"][0]["node"], len(ended["failures"])) == ("failed", "1", 4)


@asynchronous
async def test_a_cancel_reaches_either_and_one_that_is_not_heard_costs_the_other_nothing(tmp_path: Path) -> None:
    workers = Deaths()
    async with serving(tmp_path, workers, cancel_grace=0) as (client, services):
        await until(lambda: workers.made)
        a, b, c = await two_at_work(client, workers.worker)
        asked = workers.worker
        await client.post(f"/api/v1/runs/{b}/cancel")
        await until(lambda: len(workers.made) == 2 and workers.worker.jobs)
        assert asked.cancelled == [b]
        assert [job.run for job in workers.worker.jobs] == [a]
        await until(lambda: b not in services.dispatcher.attempts)
        assert (await run_of(client, b))["status"] == "cancelled"
        again = await run_of(client, a)
        assert (again["attempt"], again["failures"]) == (2, [])
        state = services.supervisor.state
        assert state.last_failure is not None
        assert (state.last_failure.cause, state.last_failure.run) == ("unresponsive", b)
        # The draining one can be cancelled, too.
        workers.worker.say(type="draining", run=a)
        await until(lambda: len(workers.worker.jobs) == 2)
        await client.post(f"/api/v1/runs/{a}/cancel")
        assert workers.worker.cancelled == [a]
        assert [job.run for job in workers.worker.jobs] == [a, c]
