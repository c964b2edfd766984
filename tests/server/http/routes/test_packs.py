"""Packs are loaded again when somebody asks for it: also those that were left out, and after the run at work."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.server.conftest import MakeServer
from tests.server.test_broken_packs import finishes, packs_of
from tests.support.bad_packs import NODE, write_packs
from tests.support.serving import asynchronous

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


@asynchronous
async def test_packs_are_loaded_again_when_a_person_asks_for_it(make_server: MakeServer, tmp_path: Path) -> None:
    folder = tmp_path / "packs"
    flag = tmp_path / "mended"
    crashing = f"import ctypes, os\nif not os.path.exists({str(flag)!r}): ctypes.string_at(1)\n"
    write_packs(folder, {"good": NODE.format(id="Good"), "later": crashing + NODE.format(id="Later")})
    server = make_server("--packs-dir", str(folder)).start()
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        assert (await packs_of(client))["later"]["error"]
        flag.touch()  # what was wrong was not in its files
        write_packs(folder, {"new": NODE.format(id="New")})
        deaths = json.dumps(watch.heard).count("last_failure")
        watch.heard.clear()
        await client.call("POST", "/packs/load", 202)
        await watch.until(lambda message: message["type"] == "node_types")
        assert not any(pack["error"] for pack in (await packs_of(client)).values())
        worker = await watch.worker(state="ready")
        assert deaths
        assert "was imported" in worker["last_failure"]["message"], "the change of workers is no failure"
        for node in ("Good", "Later", "New"):
            await finishes(client, watch, node)


@asynchronous
async def test_a_run_at_work_is_done_before_packs_are_loaded_again(make_server: MakeServer, tmp_path: Path) -> None:
    write_packs(tmp_path / "packs", {"good": NODE.format(id="Good")})
    server = make_server("--packs-dir", str(tmp_path / "packs")).start()
    async with server.client() as client, client.watch() as watch:
        await watch.worker(state="ready")
        gate = tmp_path / "gate"
        first = await client.submit({"1": {"type": "WaitForFile", "inputs": {"path": str(gate)}}}, targets=["1"])
        await watch.event(first["id"], "node_started", node="1")
        second = await client.submit({"1": {"type": "Good"}})
        await client.call("POST", "/packs/load", 202)
        gate.touch()
        assert (await watch.run(first["id"], "finished"))["attempt"] == 1
        assert (await watch.run(second["id"], "finished"))["attempt"] == 1
