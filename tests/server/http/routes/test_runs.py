"""Runs over the API: submitted, cancelled, moved, refused, forgotten."""

from __future__ import annotations

from pathlib import Path

from tests.support.server_nodes import PNG
from tests.support.serving import Server, asynchronous

COUNT = {
    "1": {"type": "Count", "inputs": {"value": 1}},
    "2": {"type": "Keep", "inputs": {"value": {"from": ["1", "INT"]}}},
}


def waiting(path: Path) -> dict[str, object]:
    """A workflow that waits for a file."""
    wait = {"type": "WaitForFile", "inputs": {"path": str(path)}}
    return {"1": wait, "2": {"type": "Keep", "inputs": {"value": {"from": ["1", "INT"]}}}}


@asynchronous
async def test_a_run_goes_from_the_queue_to_its_end_and_everyone_hears_it(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        run = await client.submit(COUNT, client="me")
        assert (run["status"], run["position"], run["node_count"], run["client"]) == ("queued", 0, 2, "me")
        ended = await watch.run(run["id"])
        assert ended["status"] == "finished"
        assert ended["attempt"] == 1
        names = [event["event"] for event in watch.events(run["id"])]
        assert names == [
            "run_started", "node_started", "node_finished", "node_started", "node_finished", "run_finished"
        ]  # fmt: skip
        assert [event["number"] for event in watch.events(run["id"])] == [1, 2, 3, 4, 5, 6]
        kept = (await client.call("GET", f"/runs/{run['id']}/events?after=2"))["events"]
        assert kept == watch.events(run["id"])[2:]
        answer = await client.call("GET", f"/runs/{run['id']}?workflow=1")
        assert answer["nodes"]["2"]["state"] == "finished"
        assert answer["workflow"]["nodes"] == COUNT


@asynchronous
async def test_what_is_remembered_is_not_run_again(server: Server) -> None:
    nodes = {**COUNT, "1": {"type": "Count", "inputs": {"value": 77}}}
    async with server.client() as client, client.watch() as watch:
        for expected in ("finished", "reused"):
            run = await client.submit(nodes)
            await watch.run(run["id"])
            states = (await client.call("GET", f"/runs/{run['id']}"))["nodes"]
            assert {state["state"] for state in states.values()} == {expected}


@asynchronous
async def test_a_workflow_that_cannot_run_is_refused_at_once_with_every_problem(server: Server) -> None:
    nodes = {"1": {"type": "Bounded", "inputs": {"steps": 99}}, "2": {"type": "Keep", "inputs": {"valu": 1}}}
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        answer = await client.call("POST", "/runs", 422, json={"workflow": {"jacquard": 1, "nodes": nodes}})
        problems = {problem["node"]: problem for problem in answer["error"]["problems"]}
        assert problems["1"]["code"] == "above_max"
        assert problems["1"]["socket"] == "steps"
        assert problems["2"]["code"] == "unknown_input"


@asynchronous
async def test_a_run_submitted_twice_under_one_key_runs_once(server: Server) -> None:
    async with server.client() as client:
        first = await client.submit(COUNT, key="one key")
        again = await client.submit(COUNT, key="one key")
        assert first["id"] == again["id"]


@asynchronous
async def test_seeds_move_at_submission_and_the_run_has_the_new_ones(server: Server) -> None:
    nodes = {"1": {"type": "Bounded", "inputs": {"seed": 41}, "seeds": {"seed": "increment"}}}
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        body = {"workflow": {"jacquard": 1, "nodes": nodes}, "advance_seeds": True}
        answer = await client.call("POST", "/runs", 201, json=body)
        assert answer["changed"] == {"1.seed": 42}
        whole = await client.call("GET", f"/runs/{answer['run']['id']}?workflow=1")
        assert whole["workflow"]["nodes"]["1"]["inputs"]["seed"] == 42


@asynchronous
async def test_the_queue_can_be_reordered_and_its_runs_cancelled(server: Server, tmp_path: Path) -> None:
    async with server.client() as client, client.watch() as watch:
        first = await client.submit(waiting(tmp_path / "go"))
        await watch.run(first["id"], "running")
        a, b, c = [await client.submit({"1": {"type": "Keep", "inputs": {"value": value}}}) for value in (1, 2, 3)]
        assert [a["position"], b["position"], c["position"]] == [0, 1, 2]
        moved = (await client.call("POST", f"/runs/{c['id']}/move", json={"position": 0}))["run"]
        assert moved["position"] == 0
        listed = (await client.call("GET", "/runs?status=queued,running"))["runs"]
        assert [run["id"] for run in listed] == [c["id"], a["id"], b["id"], first["id"]]
        assert (await client.call("POST", f"/runs/{a['id']}/cancel"))["run"]["status"] == "cancelled"
        await client.call("POST", f"/runs/{a['id']}/move", 409, json={"position": 0})
        await client.call("DELETE", f"/runs/{b['id']}", 409)
        (tmp_path / "go").touch()
        await watch.run(b["id"])
        order = [m["run"]["id"] for m in watch.heard if m["type"] == "run" and m["run"]["status"] == "finished"]
        assert [run_id for run_id in order if run_id in (first["id"], a["id"], b["id"], c["id"])] == [
            first["id"], c["id"], b["id"]
        ]  # fmt: skip
        await client.call("DELETE", f"/runs/{b['id']}")
        await client.call("GET", f"/runs/{b['id']}", 404)
        await watch.until(lambda message: message["type"] == "run_removed" and message["id"] == b["id"])


@asynchronous
async def test_a_running_run_stops_when_it_is_cancelled_and_shows_previews_until_then(
    server: Server, tmp_path: Path
) -> None:
    async with server.client() as client, client.watch() as watch:
        run = await client.submit(waiting(tmp_path / "never"))
        progress = await watch.event(run["id"], "node_progressed", node="1")
        assert (progress["value"], progress["maximum"]) == (1, 4)
        await client.call("DELETE", f"/runs/{run['id']}", 409)
        answer = (await client.call("POST", f"/runs/{run['id']}/cancel"))["run"]
        assert answer["cancelling"]
        ended = await watch.run(run["id"])
        assert (ended["status"], ended["cancelling"]) == ("cancelled", False)
        again = (await client.call("POST", f"/runs/{run['id']}/cancel"))["run"]
        assert again["status"] == "cancelled"
        head, picture = watch.previews[0]
        assert (head["type"], head["run"], head["node"], head["media"]) == ("preview", run["id"], "1", "image/png")
        assert picture == PNG


@asynchronous
async def test_a_node_that_fails_is_named_with_its_input_and_remedy(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "Fail"}, "2": {"type": "Keep"}})
        ended = await watch.run(run["id"])
        assert ended["status"] == "failed"
        assert [(problem["node"], problem["socket"]) for problem in ended["problems"]] == [("1", "message")]
        nodes = (await client.call("GET", f"/runs/{run['id']}"))["nodes"]
        assert nodes["1"]["problem"]["remedy"] == "write something else"
        assert nodes["2"]["state"] == "finished"


@asynchronous
async def test_what_a_node_prints_does_not_disturb_the_frames(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "Chatter"}})
        assert (await watch.run(run["id"]))["status"] == "finished"
        assert "hello from a node" in server.errors()


@asynchronous
async def test_much_progress_is_told_in_few_messages_and_kept_in_none(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "Progress", "inputs": {"steps": 3000}}})
        await watch.run(run["id"])
        told = watch.events(run["id"])
        last = [event["value"] for event in told if event["event"] == "node_progressed"][-1]
        assert last == 3000
        assert len(told) < 600
        numbers = [event["number"] for event in told]
        assert numbers == sorted(set(numbers))
        kept = (await client.call("GET", f"/runs/{run['id']}/events"))["events"]
        assert [event["event"] for event in kept] == ["run_started", "node_started", "node_finished", "run_finished"]


@asynchronous
async def test_requests_of_the_wrong_shape_are_refused_in_words(server: Server) -> None:
    deep = "[" * 200 + "]" * 200
    async with server.client() as client:
        for body, status in (
            ("{", 400), ("[]", 400), ("{}", 400), ('{"workflow": {}, "targets": [1]}', 400), (deep, 400),
            ('{"workflow": NaN}', 400), ('{"workflow": {"nodes": {}}}', 422), ('{"workflow": 3}', 422),
            ('{"workflow": {"jacquard": 1}, "advance_seeds": "yes"}', 400),
            ("\ud800".encode("utf-8", "surrogatepass"), 400),
        ):  # fmt: skip
            answer = await client.call("POST", "/runs", status, data=body, headers={"Content-Type": "application/json"})
            assert answer["error"]["message"]
        await client.call("POST", "/runs", 415, data=b"{}", headers={"Content-Type": "text/plain"})
        await client.call("GET", "/runs?status=happy", 400)
        await client.call("GET", "/runs?limit=many", 400)
        await client.call("GET", "/runs/none", 404)
