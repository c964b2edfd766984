"""Workflows with sub-workflows over HTTP: seeds that move inside, problems inside, and what a run tells."""

from __future__ import annotations

from tests.support.serving import Server, asynchronous

DOCUMENT = {
    "jacquard": 1,
    "nodes": {"7": {"type": "@lucky"}, "8": {"type": "@lucky", "inputs": {"steps": 2}}},
    "subworkflows": {
        "lucky": {
            "title": "Lucky",
            "inputs": [{"name": "steps", "to": [["1", "steps"]]}],
            "nodes": {"1": {"type": "Bounded", "inputs": {"seed": 41}, "seeds": {"seed": "increment"}}},
        }
    },
}


@asynchronous
async def test_a_seed_inside_moves_once_and_the_run_has_the_new_one(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        answer = await client.call("POST", "/runs", 201, json={"workflow": DOCUMENT, "advance_seeds": True})
        assert answer["changed"] == {"@lucky/1.seed": 42}
        assert answer["run"]["node_count"] == 2
        done = await watch.run(answer["run"]["id"])
        assert done["status"] == "finished"
        whole = await client.call("GET", f"/runs/{done['id']}?workflow=1")
        assert whole["workflow"]["subworkflows"]["lucky"]["nodes"]["1"]["inputs"]["seed"] == 42
        assert set(whole["nodes"]) == {"7/1", "8/1"}


@asynchronous
async def test_a_problem_inside_is_refused_with_the_node_that_is_seen(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        inner = {"nodes": {"1": {"type": "Bounded", "inputs": {"steps": 99}}}}
        document = {**DOCUMENT, "subworkflows": {"lucky": {**DOCUMENT["subworkflows"]["lucky"], **inner}}}
        answer = await client.call("POST", "/runs", 422, json={"workflow": document})
        (problem,) = answer["error"]["problems"]
        told = {name: problem[name] for name in ("code", "node", "node_type", "inner", "inner_type", "socket")}
        assert told == {
            "code": "above_max", "node": "7", "node_type": "Lucky", "inner": "1", "inner_type": "Bounded",
            "socket": "steps",
        }  # fmt: skip


@asynchronous
async def test_what_fails_inside_is_told_of_the_node_that_is_seen(server: Server) -> None:
    document = {
        "jacquard": 1,
        "nodes": {"7": {"type": "@failing"}},
        "subworkflows": {"failing": {"title": "Failing", "nodes": {"1": {"type": "Fail"}}}},
    }
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        answer = await client.call("POST", "/runs", 201, json={"workflow": document})
        run = await watch.run(answer["run"]["id"])
        assert run["status"] == "failed"
        (problem,) = run["problems"]
        assert (problem["node"], problem["inner"], problem["inner_type"]) == ("7", "1", "Fail")
