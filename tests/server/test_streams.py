"""Streams as the server keeps them: bounded however many items there are, counted, and each item's pictures listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from server.runs import node_states
from server.runs.artifacts import KEPT, RunArtifacts, completed_effects
from server.runs.kept_events import to_keep
from server.runs.run import Run
from server.shapes.encoding import encode
from tests.support.runs_at_work import Deaths, run_of, submit, until
from tests.support.serving import asynchronous
from tests.support.toy_server import serving

STARTED: dict[str, Any] = {
    "event": "run_started", "run": "r", "number": 1, "targets": ["2"], "to_run": ["1", "2"], "reused": [],
    "blocked": [],
}  # fmt: skip


def picture(index: int) -> dict[str, Any]:
    return {"folder": "output", "name": f"{index}.png", "media": "image/png"}


def item(index: int, *, node: str = "2", made: int = 1, reused: bool = False) -> dict[str, Any]:
    return {
        "event": "item_finished", "run": "r", "number": 2 + index, "node": node, "item": [index], "seconds": 0.5,
        "artifacts": [picture(index)] * made, "reused": reused, "at": float(index),
    }  # fmt: skip


def failed(index: int) -> dict[str, Any]:
    problem = {"code": "node_failed", "message": f"item {index} is broken"}
    return {"event": "item_failed", "run": "r", "number": 2 + index, "node": "2", "item": [index], "problem": problem}


def test_a_run_holds_the_newest_pictures_of_a_node_and_counts_all() -> None:
    run = Run("r")
    artifacts = RunArtifacts(run)
    for event in [STARTED, *map(item, range(1000))]:
        artifacts.fold(event)
    assert [made["name"] for made in run.artifacts["2"]] == [f"{index}.png" for index in range(1000 - KEPT, 1000)]
    assert run.artifact_counts == {"2": 1000}
    # What the node shows at its end is the same again, and the next attempt tells anew.
    artifacts.fold({"event": "node_finished", "node": "2", "seconds": 1, "artifacts": [picture(1)]})
    assert run.artifact_counts == {"2": 1000}
    for event in [STARTED, item(7)]:
        artifacts.fold(event)
    assert (run.artifact_counts, [made["name"] for made in run.artifacts["2"]]) == ({"2": 1}, ["7.png"])


def test_what_ran_in_the_place_of_a_node_made_its_pictures_once() -> None:
    """They are told when they are made, and once more by the node, whose they are from then on."""
    run = Run("r")
    artifacts = RunArtifacts(run)
    inner = [
        {"event": "node_finished", "node": "2/turn0/s", "artifacts": [picture(0)]},
        item(1, node="2/turn1/s"),
        item(2, node="2/turn1/s"),
    ]
    around = {"event": "node_finished", "node": "2", "artifacts": [picture(0), picture(1), picture(2)]}
    for event, is_new in [(STARTED, False), *((each, True) for each in inner), (around, False)]:
        assert artifacts.is_new(event) == is_new
        artifacts.fold(event)
    assert run.artifact_counts == {"2": 3}
    assert [made["name"] for made in run.artifacts["2"]] == ["0.png", "1.png", "2.png"]


def test_of_a_loop_at_work_the_last_turns_are_held_and_its_end_is_no_news() -> None:
    run = Run("r")
    artifacts = RunArtifacts(run)
    artifacts.fold(STARTED)
    for turn in range(3 * KEPT):
        artifacts.fold({"event": "node_finished", "node": f"2/turn{turn}/s", "artifacts": [picture(turn)]})
    assert [*run.artifacts] == [f"2/turn{turn}/s" for turn in range(2 * KEPT, 3 * KEPT)]
    for turn in range(KEPT):  # what an instance beside it made drives the others out
        artifacts.fold({"event": "node_finished", "node": f"3/{turn}", "artifacts": [picture(1000 + turn)]})
    around = {"event": "node_finished", "node": "2", "artifacts": [picture(turn) for turn in range(3 * KEPT)]}
    assert not artifacts.is_new(around)
    artifacts.fold(around)
    assert run.artifact_counts["2"] == 3 * KEPT


def test_items_in_whose_place_others_ran_made_their_pictures_once() -> None:
    """Those of the next item may be told before the item itself is."""
    run = Run("r")
    artifacts = RunArtifacts(run)
    told = [(item(0, node="2/s"), True), (item(1, node="2/s"), True), (item(0), False), (item(1), False)]
    artifacts.fold(STARTED)
    for event, is_new in told:
        assert artifacts.is_new(event) == is_new
        artifacts.fold(event)
    assert run.artifact_counts == {"2": 2}


def test_what_was_made_is_told_with_its_keys_and_what_was_shown_again_is_left_out() -> None:
    at_the_end = {"event": "node_finished", "node": "2", "artifacts": [picture(1)]}
    plain = {"event": "node_finished", "node": "1", "artifacts": [picture(5)], "keys": ["aa", "bb"]}
    told = [STARTED, {**item(0), "keys": ["cc"]}, {**item(1, reused=True), "keys": ["dd"]}, at_the_end, plain]
    assert msgspec.to_builtins(completed_effects(told)) == [
        {"node": "2", "keys": ["cc"], "artifacts": [{**picture(0), "label": ""}]},
        {"node": "1", "keys": ["aa", "bb"], "artifacts": [{**picture(5), "label": ""}]},
    ]


def test_node_states_count_items_and_hold_the_newest_pictures_and_the_first_problems() -> None:
    states: dict[str, node_states.NodeState] = {}
    node_states.fold(states, [STARTED, {"event": "node_started", "node": "2"}])
    node_states.fold(states, [item(index, reused=index % 4 == 0) for index in range(400)])
    node_states.fold(states, [failed(index) for index in range(400, 500)])
    node_states.fold(states, [{"event": "node_progressed", "node": "2", "value": 500, "maximum": 500}])
    assert states["2"]["state"] == "running"
    node_states.fold(states, [{"event": "node_finished", "node": "2", "seconds": 9, "artifacts": []}])
    state = states["2"]
    assert (state["state"], state["items"], state["items_reused"], state["items_failed"]) == ("finished", 400, 100, 100)
    assert (len(state["artifacts"]), state["artifact_count"], len(state["problems"])) == (KEPT, 400, 20)
    assert state["problems"][0] == {"item": [400], "problem": failed(400)["problem"]}


def test_inner_nodes_are_forgotten_after_their_end_when_there_are_too_many() -> None:
    states: dict[str, node_states.NodeState] = {}
    node_states.fold(states, [STARTED])
    for index in range(node_states.MOST_STATES + 500):
        node = f"1/{index}"
        node_states.fold(states, [{"event": "node_started", "node": node}])
        node_states.fold(states, [{"event": "node_finished", "node": node, "seconds": 0, "artifacts": []}])
    assert len(states) == node_states.MOST_STATES
    assert states["2"] == {"state": "waiting"}


def test_kept_are_sums_of_items_with_nothing_to_show_and_they_fold_to_the_same() -> None:
    told = [
        STARTED,
        item(0, made=0),
        item(1, made=0, reused=True),
        item(2),
        item(3, node="1", made=0),
        {**failed(4)},
        item(5, made=0),
        {"event": "node_progressed", "node": "2", "number": 8, "value": 1, "maximum": 2},
        {"event": "node_finished", "run": "r", "number": 9, "node": "2", "seconds": 1, "artifacts": []},
    ]
    kept = to_keep(told)
    assert [event["event"] for event in kept] == [
        "run_started", "item_finished", "items_finished", "item_failed", "items_finished", "node_finished"
    ]  # fmt: skip
    assert (kept[4]["items"], kept[4]["reused"], kept[4]["seconds"], kept[4]["number"]) == (3, 1, 1.5, 7)
    assert [event["number"] for event in kept] == sorted(event["number"] for event in kept)
    as_told: dict[str, node_states.NodeState] = {}
    as_kept: dict[str, node_states.NodeState] = {}
    node_states.fold(as_told, told)
    node_states.fold(as_kept, kept)
    assert as_told == as_kept


@asynchronous
async def test_pictures_of_items_are_outputs_and_neither_row_nor_snapshot_grows_with_them(tmp_path: Path) -> None:
    workers = Deaths()
    async with serving(tmp_path, workers) as (client, services):
        (run,) = await submit(client, 1)
        await until(lambda: workers.made and workers.worker.jobs)

        async def tell(start: int, count: int) -> None:
            told = [{**item(index), "run": run} for index in range(start, start + count)]
            told[0].update(reused=True, artifacts=[picture(max(0, start - 1))])
            workers.worker.say(type="events", run=run, events=told)
            await until(lambda: services.dispatcher.attempts[run].run.last_number == start + count + 1)
            await services.dispatcher.attempts[run].wait_until_stored()

        workers.worker.say(type="events", run=run, events=[{**STARTED, "run": run}])
        await tell(0, 300)
        sizes = [len(encode(services.snapshot()))]
        await tell(300, 700)
        sizes.append(len(encode(services.snapshot())))
        assert sizes[1] < 1.05 * sizes[0]
        count = await services.database.do(lambda db: db.execute("SELECT count(*) FROM outputs").fetchone()[0])
        assert count == 999  # of the two that were shown again, one was in no list yet
        problems = [{"code": "x", "message": f"{index}"} for index in range(150)]
        workers.worker.say(type="done", run=run, status="failed", problems=problems, problem_count=5000)
        await until(lambda: not services.dispatcher.attempts)
        ended = await run_of(client, run)
        assert (len(ended["artifacts"]["2"]), ended["artifact_counts"]) == (KEPT, {"2": 1000})
        assert ended["artifacts"]["2"][-1]["item"] == [999]
        assert (len(ended["problems"]), ended["problem_count"]) == (100, 5000)
