"""What is promised when something dies: nothing acknowledged is lost, the cause is told, the run is done again."""

from __future__ import annotations

from pathlib import Path

from tests.server.conftest import MakeServer
from tests.server.http.routes.test_runs import waiting
from tests.support.serving import asynchronous, wait_for_file


def saving(number: int, log: Path) -> dict[str, object]:
    """A workflow that saves a picture and writes a line about it."""
    return {"1": {"type": "Save", "inputs": {"value": number, "log": str(log)}}}


@asynchronous
async def test_a_killed_server_loses_none_of_five_runs(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server().start()
    go, log = tmp_path / "go", tmp_path / "log"
    async with server.client() as client:
        first = await client.submit({**waiting(go), "9": saving(0, log)["1"]})
        ids = [first["id"]] + [(await client.submit(saving(number, log)))["id"] for number in range(1, 5)]
        wait_for_file(tmp_path / "go.started")
    server.kill()
    go.touch()
    server.start()
    async with server.client() as client, client.watch() as watch:
        for run_id in ids:
            assert (await watch.run(run_id))["status"] == "finished"
        runs = (await client.call("GET", "/runs?status=finished"))["runs"]
        assert [run["id"] for run in runs] == ids[::-1]
        assert (await client.run(ids[0]))["attempt"] == 2
        names = [output["name"] for output in (await client.call("GET", "/outputs"))["outputs"]]
        assert len(names) == len(set(names)) == 5


@asynchronous
async def test_a_killed_worker_is_told_with_its_cause_and_the_run_is_done_again(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server().start()
    go = tmp_path / "go"
    async with server.client() as client, client.watch() as watch:
        run = await client.submit(waiting(go))
        await watch.event(run["id"], "node_progressed")
        server.kill_worker()
        worker = await watch.worker(state="starting", device="")
        worker = (await watch.until(lambda m: m["type"] == "worker" and m["worker"]["last_failure"]))["worker"]
        failure = worker["last_failure"]
        assert (failure["cause"], failure["node"], failure["run"]) == ("signal", "1", run["id"])
        assert failure["message"] == "The worker was killed (SIGKILL) while node 1 (WaitForFile) ran."
        failed = await watch.event(run["id"], "node_failed", node="1")
        assert failed["problem"]["code"] == "worker_died"
        go.touch()
        ended = await watch.run(run["id"])
        assert (ended["status"], ended["attempt"]) == ("finished", 2)
        assert [(f["cause"], f["attempt"]) for f in ended["failures"]] == [("signal", 1)]
        assert ended["problems"] == []
        numbers = [event["number"] for event in watch.events(run["id"])]
        assert numbers == sorted(set(numbers))


@asynchronous
async def test_what_was_saved_before_the_worker_died_is_not_saved_again(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server().start()
    go, log = tmp_path / "go", tmp_path / "log"
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({**waiting(go), "3": saving(7, log)["1"]})
        await watch.event(run["id"], "node_finished", node="3")
        await watch.event(run["id"], "node_started", node="1")
        server.kill_worker()
        go.touch()
        ended = await watch.run(run["id"])
        assert ended["status"] == "finished"
        assert len(log.read_text().splitlines()) == 1
        assert len(ended["artifacts"]["3"]) == 1
        assert len((await client.call("GET", "/outputs"))["outputs"]) == 1
        states = (await client.call("GET", f"/runs/{run['id']}"))["nodes"]
        assert states["3"]["state"] == "reused"


@asynchronous
async def test_a_picture_that_a_killed_worker_could_not_tell_of_is_not_saved_again(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server().start()
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "SaveAndDie", "inputs": {"once": str(tmp_path / "once")}}})
        ended = await watch.run(run["id"])
        assert (ended["status"], ended["attempt"]) == ("finished", 2)
        assert [made["name"] for made in ended["artifacts"]["1"]] == ["toy_00001_.png"]
        assert [path.name for path in (server.folder / "output").iterdir()] == ["toy_00001_.png"]


@asynchronous
async def test_a_node_that_ends_the_worker_every_time_fails_its_run_after_three(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server().start()
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "HardExit", "inputs": {"code": 3}}})
        after = await client.submit({"1": {"type": "Keep"}})
        ended = await watch.run(run["id"])
        assert (ended["status"], ended["attempt"], len(ended["failures"])) == ("failed", 3, 3)
        assert ended["problems"][0]["node"] == "1"
        assert "exited with code 3" in ended["problems"][0]["message"]
        assert watch.events(run["id"])[-1]["event"] == "run_finished"
        assert (await watch.run(after["id"]))["status"] == "finished"


@asynchronous
async def test_a_crash_in_native_code_is_named(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server().start()
    async with server.client() as client, client.watch() as watch:
        once = tmp_path / "once"
        run = await client.submit({"1": {"type": "HardExit", "inputs": {"code": -11, "once": str(once)}}})
        ended = await watch.run(run["id"])
        assert (ended["status"], ended["attempt"]) == ("finished", 2)
        assert "SIGSEGV" in ended["failures"][0]["message"]


@asynchronous
async def test_the_server_answers_and_cancels_while_a_node_holds_the_interpreter(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server("--cancel-grace", "0.2").start()
    async with server.client() as client, client.watch() as watch:
        for_ever = {"path": str(tmp_path / "it"), "seconds": 3600.0}
        run = await client.submit({"1": {"type": "HoldTheLock", "inputs": for_ever}})
        wait_for_file(tmp_path / "it.started")
        for _ in range(50):
            await client.call("GET", "/system")
        assert (await client.run(run["id"]))["status"] == "running", "all answers came before the node let go"
        await client.call("POST", f"/runs/{run['id']}/cancel")
        assert (await watch.run(run["id"]))["status"] == "cancelled"


@asynchronous
async def test_a_server_that_is_stopped_puts_its_run_back(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server().start()
    go = tmp_path / "go"
    async with server.client() as client:
        run = await client.submit(waiting(go))
        wait_for_file(tmp_path / "go.started")
    assert server.stop() == 0
    go.touch()
    server.start()
    async with server.client() as client, client.watch() as watch:
        ended = await watch.run(run["id"])
        assert (ended["status"], ended["attempt"], ended["failures"]) == ("finished", 2, [])


@asynchronous
async def test_a_cancel_that_was_acknowledged_holds_after_a_kill(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server().start()
    async with server.client() as client:
        run = await client.submit({"1": {"type": "Stubborn", "inputs": {"path": str(tmp_path / "never")}}})
        wait_for_file(tmp_path / "never.started")
        answer = (await client.call("POST", f"/runs/{run['id']}/cancel"))["run"]
        assert answer["cancelling"]
    server.kill()
    server.start()
    async with server.client() as client:
        assert (await client.run(run["id"]))["status"] == "cancelled"


@asynchronous
async def test_node_types_are_there_before_the_worker_is(make_server: MakeServer, tmp_path: Path) -> None:
    server = make_server().start()
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        told = await client.call("GET", "/node-types")
        assert {"Count", "Save"} <= {node["id"] for node in told["nodes"]}
    server.stop()
    server.flags = ("--nodes-module", "tests.support.no_such_module")
    server.start()
    async with server.client() as client, client.watch() as watch:
        assert await client.call("GET", "/node-types") == told
        worker = await watch.worker(state="stopped")
        assert "no_such_module" in worker["last_failure"]["message"]
        # What an earlier worker knew may be wrong now, so nothing is refused because of it.
        run = await client.submit({"1": {"type": "NotKnownToTheLastWorker"}})
        assert run["status"] == "queued"


@asynchronous
async def test_whenever_the_server_is_killed_every_acknowledged_run_ends_once(
    make_server: MakeServer, tmp_path: Path
) -> None:
    server = make_server()
    acknowledged: list[str] = []
    for life in range(4):
        server.start()
        async with server.client() as client, client.watch() as watch:
            if life:
                await watch.worker(state="ready")  # so that the kill falls into the work
            documents = [saving(10 * life + number, tmp_path / "log") for number in range(5)]
            acknowledged += [(await client.submit(document))["id"] for document in documents]
        server.kill()
    server.start()
    async with server.client() as client, client.watch() as watch:
        for run_id in acknowledged:
            assert (await watch.run(run_id))["status"] == "finished"
        runs = (await client.call("GET", "/runs?limit=500"))["runs"]
        assert sorted(run["id"] for run in runs) == sorted(acknowledged)
        assert all(len(run["artifacts"]["1"]) == 1 for run in runs)
        outputs = (await client.call("GET", "/outputs?limit=500"))["outputs"]
        assert sorted(output["run"] for output in outputs) == sorted(acknowledged)
