"""What each node of a run did and why, told from its events."""

from __future__ import annotations

import json
import time
from typing import Any

from graph.caching.disk.disk_cache import DiskCache
from server.runs.explanation import MOST_INNER, describe, explain
from server.runs.node_lookup import node_type
from server.shapes.encoding import encode
from tests.server.conftest import MakeServer
from tests.server.http.routes.test_runs import COUNT, waiting
from tests.support.serving import PATIENCE, Server, asynchronous

DOCUMENT = {
    "nodes": {
        "1": {"type": "Load"},
        "2": {"type": "Sample"},
        "3": {"type": "Save"},
        "4": {"type": "Muted"},
        "7": {"type": "@pair"},
        "8": {"type": "While"},
    },
    "subworkflows": {
        "pair": {"nodes": {"3": {"type": "Blur"}, "5": {"type": "@inner"}}},
        "inner": {"nodes": {"1": {"type": "Invert"}}},
    },
}
CHANGED = {"code": "changed", "message": "an input changed", "inputs": [{"name": "seed", "was": "1", "now": "2"}]}


def started(*to_run: str, reused: tuple[str, ...] = (), blocked: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"event": "run_started", "to_run": to_run, "reused": reused, "blocked": blocked}


def told(event: str, node: str, **facts: Any) -> dict[str, Any]:
    more: dict[str, Any] = {"node_finished": {"seconds": 0.5, "artifacts": []}, "node_reused": {"artifacts": []}}
    return {"event": event, "node": node, **more.get(event, {}), **facts}


def described(events: list[dict[str, Any]], offset: int = 0, limit: int = 1000, node: str | None = None) -> Any:
    return json.loads(encode(describe("r", "finished", explain(events), DOCUMENT, offset, limit, node)))


def test_each_node_says_what_it_did_and_why() -> None:
    problem = {"code": "node_failed", "message": "no"}
    answer = described(
        [
            started("2", "3", "9", reused=("1",), blocked=("4",)),
            told("node_reused", "1", how="same inputs"),
            told("node_started", "2", reason=CHANGED),
            told("node_finished", "2"),
            told("node_started", "3"),
            told("node_failed", "3", problem=problem),
            told("node_skipped", "9", because="3"),
            {"event": "run_finished", "status": "failed", "seconds": 3.0},
        ]
    )
    assert answer["nodes"] == [
        {"node": "2", "type": "Sample", "did": "ran", "reason": CHANGED, "seconds": 0.5},
        {"node": "3", "type": "Save", "did": "failed", "problem": problem},
        {"node": "9", "type": "", "did": "skipped", "because": "3"},
        {"node": "1", "type": "Load", "did": "reused", "how": "same inputs"},
        {"node": "4", "type": "Muted", "did": "skipped"},
    ]
    assert (answer["known"], answer["seconds"], answer["node_count"]) == (True, 3.0, 5)
    assert answer["totals"] == {"ran": 1, "failed": 1, "skipped": 2, "reused": 1}


def test_nodes_inside_of_others_are_listed_with_them() -> None:
    answer = described(
        [
            started("7/3", "7/5/1", "8"),
            told("node_started", "7/3", reason=CHANGED),
            told("node_finished", "7/3"),
            told("node_started", "7/5/1"),
            told("node_finished", "7/5/1", seconds=1.0),
            told("node_started", "8"),
            *(told("node_finished", f"8/{index}") for index in range(MOST_INNER + 50)),
        ]
    )
    seven, eight = answer["nodes"]
    assert (seven["node"], seven["type"], seven["did"], seven["seconds"]) == ("7", "@pair", "ran", 1.5)
    assert [(inner["node"], inner["type"]) for inner in seven["inner"]] == [("7/3", "Blur"), ("7/5/1", "Invert")]
    assert seven["inner"][0]["reason"] == CHANGED
    assert (eight["did"], eight["inner_count"], len(eight["inner"])) == ("running", MOST_INNER + 50, MOST_INNER)
    assert answer["node_count"] == 2
    assert [entry["node"] for entry in described([started("1", "7/3")], node="7/3")["nodes"]] == ["7"]
    assert described([started("1")], node="none")["nodes"] == []


def test_items_are_counted_and_a_problem_of_one_is_named() -> None:
    problem = {"code": "node_failed", "message": "no"}
    answer = described(
        [
            started("3"),
            told("item_finished", "3", item=[0], seconds=1, artifacts=[], reused=True),
            told("items_finished", "3", items=5, reused=0, seconds=1),
            told("item_failed", "3", item=[6], problem=problem),
        ]
    )
    assert answer["nodes"] == [
        {
            "node": "3", "type": "Save", "did": "running", "items": 6, "items_reused": 1, "items_failed": 1,
            "problem": problem,
        }
    ]  # fmt: skip


def test_only_the_last_attempt_counts() -> None:
    answer = described(
        [started("1", "2"), told("node_started", "1", reason=CHANGED), started("2"), told("node_started", "2")]
    )
    assert answer["nodes"] == [{"node": "2", "type": "Sample", "did": "running"}]
    assert described([])["known"] is False


def test_it_comes_in_pages_and_a_page_is_bounded() -> None:
    events = [started(*(str(index) for index in range(10_000)))]
    events += [told("node_started", str(index), reason=CHANGED) for index in range(10_000)]
    first = described(events)
    assert (len(first["nodes"]), first["next"], first["node_count"]) == (1000, 1000, 10_000)
    assert len(json.dumps(first)) < 250_000
    last = described(events, offset=9_500)
    assert (len(last["nodes"]), last["next"]) == (500, None)


def test_the_type_of_a_node_is_found_however_deep_and_whatever_is_there() -> None:
    assert node_type(DOCUMENT, "7/5/1") == "Invert"
    assert node_type(DOCUMENT, "7/9") == node_type(DOCUMENT, "1/2") == node_type({}, "1") == ""
    assert node_type({"nodes": {"1": 3}}, "1") == node_type({"nodes": []}, "1") == ""


@asynchronous
async def test_a_run_is_explained_while_it_is_at_work_and_after(make_server: MakeServer, tmp_path: Any) -> None:
    server = make_server().start()
    async with server.client() as client, client.watch() as watch:
        run = await client.submit(waiting(tmp_path / "go"))
        queued = await client.submit(COUNT)
        await watch.event(run["id"], "node_started", node="1")
        answer = await client.call("GET", f"/runs/{run['id']}/explanation")
        found = {entry["node"]: (entry["type"], entry["did"]) for entry in answer["nodes"]}
        assert found == {"1": ("WaitForFile", "running"), "2": ("Keep", "waiting")}
        assert answer["status"] == "running"
        answer = await client.call("GET", f"/runs/{queued['id']}/explanation")
        assert (answer["known"], answer["nodes"]) == (False, [])
        (tmp_path / "go").touch()
        await watch.run(run["id"])
        answer = await client.call("GET", f"/runs/{run['id']}/explanation?node=1")
        assert [(entry["node"], entry["did"]) for entry in answer["nodes"]] == [("1", "ran")]
        assert answer["totals"] == {"ran": 2}


@asynchronous
async def test_a_run_that_is_not_there_is_not_explained(server: Server) -> None:
    async with server.client() as client:
        await client.call("GET", "/runs/none/explanation", 404)
        await client.call("GET", "/runs/none/explanation?limit=x", 400)


@asynchronous
async def test_what_changed_is_told_after_a_crash_too(make_server: MakeServer, tmp_path: Any) -> None:
    server = make_server().start()
    async with server.client() as client, client.watch() as watch:
        await watch.run((await client.submit({"1": {"type": "Keep", "inputs": {"value": 1}}}))["id"])
    cache = DiskCache(tmp_path / "cache")
    deadline = time.monotonic() + PATIENCE
    while not cache.calls():  # it is written when the end was told, and not when the next run begins
        assert time.monotonic() < deadline
    cache.close()
    server.kill()
    server.start()
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "Keep", "inputs": {"value": 2}}})
        await watch.run(run["id"])
        (entry,) = (await client.call("GET", f"/runs/{run['id']}/explanation"))["nodes"]
        assert (entry["reason"]["code"], entry["reason"]["message"]) == ("changed", "changed: value (1 -> 2)")
