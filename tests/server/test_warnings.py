"""What nodes warn of, over the API: in events, states, the run and its explanation, and again when it is reused."""

from __future__ import annotations

from typing import Any

from server.runs.node_states import fold
from server.runs.run import Run
from server.runs.warnings import KEPT, RunWarnings
from tests.server.conftest import MakeServer
from tests.support.serving import Server, asynchronous

TEXT = "the mask is empty"
NODES = {
    "1": {"type": "Uneasy", "inputs": {"text": TEXT}},
    "2": {"type": "Keep", "inputs": {"value": {"from": ["1", "INT"]}}},
}
WARNED = [{"message": TEXT}]


def warned(node: str, *messages: str, more: int = 0) -> dict[str, Any]:
    return {"event": "node_warned", "node": node, "warnings": [{"message": one} for one in messages], "more": more}


@asynchronous
async def test_a_warning_is_in_everything_that_is_told_of_a_run_and_is_told_again_when_it_is_reused(
    make_server: MakeServer,
) -> None:
    server: Server = make_server().start()
    for how in ("finished", "reused", "restarted"):
        if how == "restarted":
            server.stop()
            server.start()
        async with server.client() as client, client.watch() as watch:
            run = await client.submit(NODES)
            ended = await watch.run(run["id"])
            assert (ended["status"], ended["warnings"], ended["warning_count"]) == ("finished", {"1": WARNED}, 1)
            events = [event for event in watch.events(run["id"]) if event["event"] == "node_warned"]
            assert [(event["node"], event["warnings"], event["more"]) for event in events] == [("1", WARNED, 0)]
            answer = await client.call("GET", f"/runs/{run['id']}")
            assert answer["nodes"]["1"]["warnings"] == WARNED
            assert "warnings" not in answer["nodes"]["2"]
            listed = (await client.call("GET", "/runs?status=finished"))["runs"]
            assert listed[0]["warnings"] == {"1": WARNED}
            explained = (await client.call("GET", f"/runs/{run['id']}/explanation?node=1"))["nodes"]
            assert explained[0]["warnings"] == WARNED


@asynchronous
async def test_a_saver_that_is_not_installed_is_said_and_keeps_no_other_from_its_work(make_server: MakeServer) -> None:
    server: Server = make_server().start()
    fancy = {"type": "FancySave", "inputs": {"value": {"from": ["1", "INT"]}}}
    async with server.client() as client, client.watch() as watch:
        for _ in range(2):
            run = await client.submit({**NODES, "7": fancy})
            ended = await watch.run(run["id"])
            assert (ended["status"], ended["warning_count"]) == ("finished", 2)
            (warning,) = ended["warnings"]["7"]
            assert "left out: there is no node type 'FancySave' here" in warning["message"]
            nodes = (await client.call("GET", f"/runs/{run['id']}"))["nodes"]
            assert (nodes["7"]["state"], nodes["7"]["warnings"]) == ("skipped", [warning])


def test_of_a_run_the_warnings_of_so_many_nodes_are_held_and_all_are_counted() -> None:
    run = Run("r")
    folded = RunWarnings(run)
    for index in range(KEPT + 5):
        folded.fold(warned(str(index), "a"))
    folded.fold(warned("0", "a", "b", more=3))
    assert (len(run.warnings), run.warning_count) == (KEPT, KEPT + 5 + 4)
    assert run.warnings["0"] == [{"message": "a"}, {"message": "b"}]
    folded.fold({"event": "run_started"})
    assert (run.warnings, run.warning_count) == ({}, 0)


def test_a_state_keeps_its_warnings_whatever_becomes_of_the_node() -> None:
    states: dict[str, Any] = {}
    fold(states, [{"event": "run_started", "to_run": ["1"], "reused": [], "blocked": []}, warned("1", "a", more=2)])
    for event in ("node_started", "node_progressed", "node_finished", "node_reused", "node_failed", "node_cancelled"):
        fold(states, [{"event": event, "node": "1", "value": 1, "maximum": 2, "seconds": 1.0, "problem": {}}])
        assert (states["1"]["warnings"], states["1"]["more_warnings"]) == ([{"message": "a"}], 2)
