"""Saving of one run overlaps the next run's work, in a real worker; and neither suffers from what ends the other."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from graph.scheduling.lanes import Lanes
from tests.server.conftest import MakeServer
from tests.support.serving import Client, Watch, asynchronous, wait_for_file


def late(path: Path, value: int, log: Path) -> dict[str, Any]:
    """A workflow that saves a picture at once, and another one when there is a file."""
    fed = {"from": ["1", "INT"]}
    return {
        "1": {"type": "Count", "inputs": {"value": value}},
        "2": {"type": "Save", "inputs": {"value": fed, "log": str(log)}},
        "3": {"type": "SaveLate", "inputs": {"path": str(path), "value": fed, "log": str(log)}},
    }


def held(path: Path) -> dict[str, Any]:
    """A workflow that keeps the device until there is a file."""
    wait = {"type": "WaitForFile", "inputs": {"path": str(path)}}
    return {"1": wait, "end": {"type": "Keep", "inputs": {"value": {"from": ["1", "INT"]}}}}


async def overlapping(client: Client, watch: Watch, tmp_path: Path, second: dict[str, Any]) -> tuple[str, str]:
    """Two runs: the first has saved one picture and is held before the other; the second has begun."""
    one = await client.submit(late(tmp_path / "late", 10, tmp_path / "log"))
    two = await client.submit(second)
    await watch.event(one["id"], "node_finished", node="2")
    await watch.event(two["id"], "node_started", node="1")
    assert not [event for event in watch.events(one["id"]) if event["event"] == "run_finished"]
    return one["id"], two["id"]


def items_of(watch: Watch, run: str) -> int:
    return len([event for event in watch.events(run) if event["event"] == "item_finished"])


def in_order(watch: Watch, run: str) -> bool:
    numbers = [event["number"] for event in watch.events(run)]
    return numbers == sorted(set(numbers))


@asynchronous
async def test_the_next_run_works_and_ends_while_the_one_before_it_is_still_saving(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server().start()
    save = {"2": {"type": "Save", "inputs": {"value": {"from": ["1", "INT"]}}}}
    async with server.client() as client, client.watch() as watch:
        one, two = await overlapping(client, watch, tmp_path, {**held(tmp_path / "go"), **save})
        running = (await client.call("GET", "/runs?status=running"))["runs"]
        assert [(run["id"], run["draining"]) for run in running] == [(one, True), (two, False)]
        await watch.until(lambda _: bool(watch.previews))
        assert {head["run"] for head, _ in watch.previews} == {two}
        (tmp_path / "go").touch()
        assert (await watch.run(two))["status"] == "finished"
        assert (await client.run(one))["status"] == "running"
        (tmp_path / "late").touch()
        ended = await watch.run(one)
        assert (ended["status"], ended["attempt"]) == ("finished", 1)
        for run in (one, two):
            assert in_order(watch, run)
            kept = (await client.call("GET", f"/runs/{run}/events"))["events"]
            heard = [event for event in watch.events(run) if event["event"] != "node_progressed"]
            assert kept == heard
            assert kept[-1]["event"] == "run_finished"
        outputs = (await client.call("GET", "/outputs"))["outputs"]
        assert sorted(output["run"] for output in outputs) == sorted([one, one, two])


@asynchronous
async def test_a_killed_worker_loses_neither_and_doubles_nothing(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server().start()
    async with server.client() as client, client.watch() as watch:
        one, two = await overlapping(client, watch, tmp_path, {**held(tmp_path / "go"), "2": {"type": "Save"}})
        await watch.event(two, "node_finished", node="2")
        server.kill_worker()
        (tmp_path / "go").touch()
        (tmp_path / "late").touch()
        for run in (one, two):
            ended = await watch.run(run)
            assert (ended["status"], ended["attempt"]) == ("finished", 2)
            assert in_order(watch, run)
        assert len((tmp_path / "log").read_text().splitlines()) == 2
        outputs = (await client.call("GET", "/outputs"))["outputs"]
        assert sorted(output["run"] for output in outputs) == sorted([one, one, two])


@asynchronous
async def test_a_run_that_must_be_ended_with_its_worker_costs_the_one_beside_it_nothing(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server("--cancel-grace", "0.2").start()
    stubborn = {"1": {"type": "Stubborn", "inputs": {"path": str(tmp_path / "never")}}}
    async with server.client() as client, client.watch() as watch:
        one, two = await overlapping(client, watch, tmp_path, stubborn)
        wait_for_file(tmp_path / "never.started")
        await client.call("POST", f"/runs/{two}/cancel")
        assert (await watch.run(two))["status"] == "cancelled"
        (tmp_path / "late").touch()
        ended = await watch.run(one)
        assert (ended["status"], ended["attempt"], ended["failures"]) == ("finished", 2, [])
        assert len((tmp_path / "log").read_text().splitlines()) == 2
        assert {node: len(made) for node, made in ended["artifacts"].items()} == {"2": 1, "3": 1}


@asynchronous
async def test_the_one_that_saves_can_be_cancelled_beside_the_other(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server().start()
    async with server.client() as client, client.watch() as watch:
        one, two = await overlapping(client, watch, tmp_path, held(tmp_path / "go"))
        await client.call("POST", f"/runs/{one}/cancel")
        assert (await watch.run(one))["status"] == "cancelled"
        assert (await client.run(two))["status"] == "running"
        (tmp_path / "go").touch()
        assert ((await watch.run(two))["status"], (await watch.run(two))["attempt"]) == ("finished", 1)


@asynchronous
async def test_items_that_were_saved_before_the_worker_died_are_not_saved_again(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server().start()
    fed = {"from": ["1", "INT"]}
    held = {"path": str(tmp_path / "late"), "value": fed, "log": str(tmp_path / "log"), "above": 149}
    nodes = {"1": {"type": "Numbers", "inputs": {"stop": 300}}, "2": {"type": "SaveLate", "inputs": held}}
    async with server.client() as client, client.watch() as watch:
        run = (await client.submit(nodes))["id"]
        while len(list(tmp_path.glob("*.held"))) < Lanes().width["io"]:
            await asyncio.sleep(0.005)  # until every thread that could save is held
        saved = len((tmp_path / "log").read_text().splitlines())
        await watch.until(lambda _: items_of(watch, run) == saved)
        server.kill_worker()
        (tmp_path / "late").touch()
        ended = await watch.run(run)
        assert (ended["status"], ended["attempt"]) == ("finished", 2)
        assert (len(ended["artifacts"]["2"]), ended["artifact_counts"]) == (100, {"2": 300})
        lines = (tmp_path / "log").read_text().splitlines()
        assert sorted(int(line.split()[1]) for line in lines) == list(range(300))
        outputs = (await client.call("GET", "/outputs?limit=500"))["outputs"]
        assert len({output["name"] for output in outputs}) == len(outputs) == 300
        state = (await client.call("GET", f"/runs/{run}"))["nodes"]["2"]
        assert (state["items"], state["items_reused"]) == (300, saved)
        explained = (await client.call("GET", f"/runs/{run}/explanation?node=2"))["nodes"][0]
        assert (explained["did"], explained["items"]) == ("ran", 300)
